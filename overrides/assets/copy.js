/* Copying: a claim as a citation, a reference in the formats of reference managers.
   Without this script claims have their links, and all references together their downloads. */
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

  /* References: each alone in three formats, from one script with all texts that is loaded on first use. A script and
     not data, because a page opened from the file system may load the one but not the other. */
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
    await loadScript();
    return window.kbExport[key][ending];
  }

  async function download(key, ending) {
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([await exported(key, ending)], { type: "text/plain" }));
      link.download = `${key}.${ending}`;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch {
      say("The download is not possible here; please use the one of all references instead");
    }
  }

  list?.addEventListener("click", (event) => {
    const { ending, job } = event.target.closest(".kb-copy")?.dataset ?? {};
    if (!ending) return;
    const { key } = event.target.closest(".kb-export").dataset;
    if (job === "download") download(key, ending);
    else copy(exported(key, ending), `${NAMES[ending]} of ${key} copied`, "the download of all references");
  });

  function fill(place) {
    for (const job of ["Copy", "Download"]) {
      place.append(`${job}:`);
      for (const [ending, name] of Object.entries(NAMES)) {
        const made = button(name, `${job} ${name} of ${place.dataset.key}`);
        Object.assign(made.dataset, { ending, job: job.toLowerCase() });
        place.append(made);
      }
    }
  }

  /* Six buttons for each of a thousand works: from the top on, in small steps, so that the page answers meanwhile. */
  const STEP = 20;
  const places = [...(list?.querySelectorAll(".kb-export") ?? [])];
  const later = window.requestIdleCallback ?? setTimeout;
  (function next() {
    for (const place of places.splice(0, STEP)) fill(place);
    if (places.length) later(next);
  })();
})();
