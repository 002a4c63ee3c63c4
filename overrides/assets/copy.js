/* Copying: a claim as a citation, a reference in the formats of reference managers.
   Without this script claims have their links and references their downloads. */
(() => {
  "use strict";
  const NAMES = { bib: "BibTeX", ris: "RIS", json: "CSL-JSON" };
  const toast = document.createElement("p");
  toast.className = "kb-toast";
  toast.setAttribute("role", "status");
  document.body.append(toast);
  let toasting = 0;

  function say(message) {
    clearTimeout(toasting);
    toast.textContent = message;
    toasting = setTimeout(() => (toast.textContent = ""), 6000);
  }

  function button(text, label) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "kb-button kb-copy";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    return made;
  }

  /** Copy a text that may still be on its way: Safari allows copying only within the click itself. */
  async function copy(text, done, instead) {
    try {
      const blob = Promise.resolve(text).then((ready) => new Blob([ready], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      say(done);
    } catch {
      say(`Copying is not possible here; please use ${instead} instead`);
    }
  }

  /* Claims */
  const facts = document.querySelector("footer.kb-facts");

  function citation(claim) {
    const statement = claim.cloneNode(true);
    for (const tool of statement.querySelectorAll(".kb-permalink, button")) tool.remove();
    const address = new URL(document.querySelector("link[rel=canonical]")?.href ?? location.href);
    address.search = "";
    address.hash = claim.id;
    const date = facts.querySelector(".kb-facts__review time")?.dateTime;
    const reviewed = date ? ` Last reviewed ${date}.` : "";
    const text = statement.textContent.replace(/\s+/g, " ").trim();
    return `\u201c${text}\u201d ${facts.dataset.title}. ${facts.dataset.site}.${reviewed} ${address}`;
  }

  for (const link of facts ? document.querySelectorAll(".kb-claim > .kb-permalink") : []) {
    const claim = link.parentElement;
    const cite = button("Copy citation", `Copy citation of claim ${claim.id}`);
    cite.addEventListener("click", () => copy(citation(claim), `Citation of claim ${claim.id} copied`, "its link"));
    link.after(" ", cite);
  }

  /* References. The text comes from the download beside the button; on file://, where a page may read no other file,
     from one script with all texts, loaded on first use. */
  const list = document.querySelector("ol.kb-bibliography");
  let scripted = null;

  const loadScript = () =>
    (scripted ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = new URL("references/export.js", document.baseURI);
      script.onload = done;
      script.onerror = () => {
        scripted = null;
        script.remove();
        fail(new Error("references/export.js is missing"));
      };
      document.head.append(script);
    }));

  async function exported(key, ending) {
    if (location.protocol === "file:") {
      await loadScript();
      return window.kbExport[key][ending];
    }
    const answer = await fetch(new URL(`references/${encodeURIComponent(key)}.${ending}`, document.baseURI));
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
    return answer.text();
  }

  list?.addEventListener("click", (event) => {
    const { ending } = event.target.closest(".kb-copy")?.dataset ?? {};
    if (!ending) return;
    const { key } = event.target.closest(".kb-export").dataset;
    copy(exported(key, ending), `${NAMES[ending]} of ${key} copied`, `the download of ${key}`);
  });

  for (const place of list?.querySelectorAll(".kb-export") ?? []) {
    place.append("Copy:");
    for (const [ending, name] of Object.entries(NAMES)) {
      const made = button(name, `Copy ${name} of ${place.dataset.key}`);
      made.dataset.ending = ending;
      place.append(made);
    }
  }
})();
