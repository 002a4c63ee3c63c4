/* The reference page: filter while typing, a filter that can be linked to, and copying of single references.
   Without this script the page shows all entries, and the form stays hidden. */
(() => {
  "use strict";
  const form = document.querySelector("form.kb-filter");
  const list = document.querySelector("ol.kb-bibliography");
  if (!form || !list) return;

  const GREEK = Object.fromEntries(
    ("α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron " +
      "π pi ρ rho σ sigma ς sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega")
      .split(" ")
      .reduce((pairs, word, i) => (i % 2 ? pairs.at(-1).push(word) : pairs.push([word]), pairs), []),
  );
  const LETTERS = { ...GREEK, ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ß: "ss", ı: "i" };
  const PLAIN = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

  /** Text as it is compared: "IFN‑γ", "ifn-γ" and "IFN-gamma" are the same, and so are "Muñoz" and "munoz". */
  const normal = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(PLAIN, (letter) => LETTERS[letter])
      .replace(/\p{Pd}|\u2212/gu, "-")
      .replace(/\s+/g, " ");

  // Read once, before the buttons come in: a keystroke then compares strings and touches only entries that change.
  const entries = [...list.children].map((item) => ({
    item,
    text: normal(item.textContent),
    year: item.dataset.year,
    design: item.dataset.design.split("|"),
    state: item.dataset.state.split("|"),
  }));
  const fields = ["text", "year", "design", "state"].map((name) => form.elements.namedItem(name));
  const output = form.querySelector("output");
  let frame = 0;
  let linked = null; // the entry that the address names; it is shown whatever the filter says

  function filter(atOnce = 1000) {
    const [text, year, design, state] = fields.map((field) => field.value);
    const words = normal(text).split(" ").filter(Boolean);
    const changed = [];
    let count = 0;
    for (const entry of entries) {
      const match =
        (!year || entry.year === year) &&
        (!design || entry.design.includes(design)) &&
        (!state || entry.state.includes(state)) &&
        words.every((word) => entry.text.includes(word));
      const hidden = !match && entry.item !== linked;
      if (entry.item.hidden !== hidden) changed.push(entry.item);
      count += match;
    }
    cancelAnimationFrame(frame);
    toggle(changed, atOnce);
    const extra = linked?.matches(":not([hidden])") && count < entries.length ? ", with the linked reference in any case" : "";
    output.textContent = `${count} of ${entries.length}${count ? "" : ": no reference matches"}${extra}`;
  }

  /** From the top of the list on, so many per frame that typing never waits for thousands of entries. */
  function toggle(items, atOnce) {
    for (const item of items.slice(0, atOnce)) item.hidden = !item.hidden;
    if (items.length > atOnce) frame = requestAnimationFrame(() => toggle(items.slice(atOnce), atOnce));
  }

  function remember() {
    const address = new URL(location.href);
    for (const field of fields) {
      if (field.value) address.searchParams.set(field.name, field.value);
      else address.searchParams.delete(field.name);
    }
    address.hash = linked ? linked.id : "";
    history.replaceState(history.state, "", address);
  }

  function restore() {
    const asked = new URLSearchParams(location.search);
    for (const field of fields) {
      field.value = asked.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = ""; // a year or design that no work has any more
    }
    follow();
  }

  function follow() {
    linked?.classList.remove("kb-linked");
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    linked = named?.parentElement === list ? named : null;
    linked?.classList.add("kb-linked");
    filter(Infinity);
    linked?.scrollIntoView();
  }

  function change() {
    linked?.classList.remove("kb-linked");
    linked = null; // who filters anew is done with the linked entry
    filter();
    remember();
  }

  const clear = document.createElement("button");
  clear.type = "reset";
  clear.className = "kb-button";
  clear.textContent = "Clear filter";
  form.append(clear);
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(change)); // the fields are empty only after the event
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target !== fields[0]) return;
    event.preventDefault();
    fields[0].value = "";
    change();
  });
  addEventListener("hashchange", follow);
  addEventListener("popstate", restore);
  form.hidden = false;
  restore();

  /* Copying. The text comes from the download beside the button; on file://, where a page may read no other file,
     from one script with all texts, loaded on first use. */
  const NAMES = { bib: "BibTeX", ris: "RIS", json: "CSL-JSON" };
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

  list.addEventListener("click", async (event) => {
    const button = event.target.closest(".kb-copy");
    if (!button) return;
    const { key } = button.parentElement.dataset;
    const { ending } = button.dataset;
    try {
      // The clipboard gets the promise, not the text: Safari allows copying only within the click itself.
      const blob = exported(key, ending).then((text) => new Blob([text], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      say(`${NAMES[ending]} of ${key} copied`);
    } catch {
      say(`Copying is not possible here; please use the download of ${key} instead`);
    }
  });

  const tools = document.createDocumentFragment();
  for (const [ending, name] of Object.entries(NAMES)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "kb-button kb-copy";
    button.dataset.ending = ending;
    button.textContent = name;
    tools.append(button);
  }
  tools.firstChild.before("Copy:");
  for (const place of list.querySelectorAll(".kb-export")) {
    const own = tools.cloneNode(true);
    for (const button of own.querySelectorAll("button")) {
      button.setAttribute("aria-label", `Copy ${button.textContent} of ${place.dataset.key}`);
    }
    place.append(own);
  }
})();
