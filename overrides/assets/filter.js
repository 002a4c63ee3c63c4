/* Filtering and sorting of lists: every form.kb-filter filters the rows of the table, or the entries of the list, that it
   names, and the columns of a filtered table sort. What is chosen stands in the address, so it can be shared.
   Without this script everything is visible, the form stays hidden and the headers are plain text. */
(() => {
  "use strict";
  const GREEK = Object.fromEntries(
    ("α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron " +
      "π pi ρ rho σ sigma ς sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega")
      .split(" ")
      .reduce((pairs, word, i) => (i % 2 ? pairs.at(-1).push(word) : pairs.push([word]), pairs), []),
  );
  const LETTERS = { ...GREEK, ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ß: "ss", ı: "i" };
  const PLAIN = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");
  const FEW = 3; // rows that need no sorting
  const BATCH = 300; // entries that appear or go per frame, so that typing never waits for thousands of them

  /** Text as it is compared: "IFN‑γ", "ifn-γ" and "IFN-gamma" are the same, and so are "Muñoz" and "munoz". */
  const normal = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(PLAIN, (letter) => LETTERS[letter])
      .replace(/\p{Pd}|\u2212/gu, "-")
      .replace(/\s+/g, " ");

  /** Text of a row or entry, without the buttons that another script puts at its end. */
  function textOf(item) {
    const tools = item.querySelector(".kb-export")?.textContent.length ?? 0;
    const cells = [...(item.cells ?? [item])].map((cell) => cell.textContent.trim());
    return cells.join(" ").slice(0, -tools || undefined);
  }

  [...document.querySelectorAll("form.kb-filter")].forEach((form, index) => {
    const list = document.getElementById(form.dataset.for);
    if (list) connect(form, list, index ? `${list.id}.` : ""); // two forms on one page must not share names in the address
  });

  function connect(form, list, prefix) {
    const holder = list.tBodies?.[0] ?? list;
    const fields = [...form.elements].filter((field) => field.name);
    const [search, ...menus] = fields;
    const output = form.querySelector("output");
    const { noun } = form.dataset;
    const valuesOf = (item) => menus.map((menu) => (item.getAttribute(`data-${menu.name}`) ?? "").split("|"));
    // Text is read once, when it is first asked for: a keystroke then compares strings and touches only what changes.
    const entries = [...holder.children].map((item, place) => ({
      item,
      place,
      get text() {
        return (this.read ??= normal(textOf(item)));
      },
      values: valuesOf(item),
      hidden: false,
    }));
    const sorting = list.tHead && entries.length > FEW ? sortable(list, entries, menus, sorted) : null;
    let frame = 0;
    let linked = null; // the entry that the address names; it is shown whatever the filter says

    function filter(atOnce = BATCH) {
      const words = normal(search.value).split(" ").filter(Boolean);
      const changed = [];
      let count = 0;
      for (const entry of entries) {
        const match =
          menus.every((menu, i) => !menu.value || entry.values[i].includes(menu.value)) &&
          words.every((word) => entry.text.includes(word));
        entry.hidden = !match && entry.item !== linked;
        if (entry.item.hidden !== entry.hidden) changed.push(entry);
        count += match;
      }
      cancelAnimationFrame(frame);
      toggle(changed, atOnce);
      const none = count ? "" : `: no ${noun.replace(/s$/, "")} matches`;
      const extra = linked && count < entries.length ? `, with the linked ${noun.replace(/s$/, "")} in any case` : "";
      output.textContent = `${count} of ${entries.length} ${noun}${none}${extra}${sorting?.words() ?? ""}`;
    }

    /** From the top on, so that the first matches are there at once. */
    function toggle(changed, atOnce) {
      for (const { item, hidden } of changed.slice(0, atOnce)) item.hidden = hidden;
      if (changed.length > atOnce) frame = requestAnimationFrame(() => toggle(changed.slice(atOnce), BATCH));
      else list.dispatchEvent(new Event("kb:filtered")); // for drawings that show the same records
    }

    function remember() {
      const address = new URL(location.href);
      const state = fields.map((field) => [field.name, field.value]);
      if (sorting) state.push(["sort", sorting.state()]);
      for (const [name, value] of state) {
        if (value) address.searchParams.set(prefix + name, value);
        else address.searchParams.delete(prefix + name);
      }
      address.hash = linked ? linked.id : "";
      history.replaceState(history.state, "", address);
    }

    function restore() {
      const asked = new URLSearchParams(location.search);
      for (const field of fields) {
        field.value = asked.get(prefix + field.name) ?? "";
        if (field.selectedIndex === -1) field.value = ""; // a value that no entry has any more
      }
      sorting?.restore(asked.get(`${prefix}sort`) ?? "");
      follow();
    }

    function follow() {
      linked?.classList.remove("kb-linked");
      const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      linked = entries.find(({ item }) => item === named)?.item ?? null;
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

    function sorted() {
      filter(Infinity);
      remember();
    }

    const clear = document.createElement("button");
    clear.type = "reset";
    clear.className = "kb-button";
    clear.textContent = "Clear filter";
    form.append(clear);
    form.addEventListener("focusin", () => entries.forEach((entry) => entry.text), { once: true }); // before the first key
    form.addEventListener("input", change);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(change)); // the fields are empty only after the event
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target !== search) return; // in a menu Escape closes the menu
      event.preventDefault();
      form.reset();
    });
    addEventListener("hashchange", follow);
    addEventListener("popstate", restore);
    form.hidden = false;
    restore();
  }

  /** Turn the headers of a table into buttons: ascending, descending, and back to the order of the page. */
  function sortable(table, entries, menus, done) {
    const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
    const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const headers = [...table.tHead.rows[0].cells];
    const names = headers.map((header) => header.textContent.trim());
    let column = -1;
    let way = "none";

    function keys(index) {
      const texts = entries.map(({ item }) => item.cells[index].textContent.trim());
      const menu = menus.findIndex(({ name }) => name === names[index].toLowerCase());
      const inMenu = menu >= 0 && entries.every(({ values }, i) => values[menu].join("|") === texts[i]);
      const options = inMenu ? [...menus[menu].options].map((option) => option.value) : []; // such as levels, best first
      const dates = texts.every((text) => /^(\d{4}(-\d\d){0,2})?$/.test(text)); // as text, they are in order
      const numbers = !inMenu && !dates && texts.every((text) => !text || /^[-\u2212]?\d/.test(text));
      const number = (text) => parseFloat(text.replace("\u2212", "-").replace(/(\d),(?=\d{3})/g, "$1"));
      return texts.map((text) => ({ text, number: inMenu ? options.indexOf(text) : numbers && text ? number(text) : 0 }));
    }

    function apply() {
      entries.sort((a, b) => a.place - b.place);
      headers.forEach((header, i) => {
        if (i === column) header.setAttribute("aria-sort", way);
        else header.removeAttribute("aria-sort");
      });
      if (column >= 0) {
        const found = keys(column);
        const key = new Map(entries.map((entry, i) => [entry, found[i]]));
        const sign = way === "ascending" ? 1 : -1;
        entries.sort((one, other) => {
          const [a, b] = [key.get(one), key.get(other)];
          if (!a.text || !b.text) return Boolean(b.text) - Boolean(a.text); // empty cells last, whichever way
          return sign * (a.number - b.number || collator.compare(a.text, b.text));
        });
      }
      table.tBodies[0].append(...entries.map(({ item }) => item));
    }

    function sort(index, direction) {
      if (index === column && direction === way) return false;
      [column, way] = direction === "none" ? [-1, "none"] : [index, direction];
      apply();
      return true;
    }

    headers.forEach((header, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "kb-sort";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        sort(index, NEXT[index === column ? way : "none"]);
        done();
      });
    });

    return {
      words: () => (column < 0 ? "" : `, sorted by ${names[column].toLowerCase()}, ${way}`),
      state: () => (column < 0 ? "" : `${way === "descending" ? "-" : ""}${names[column].toLowerCase()}`),
      restore(state) {
        const index = names.findIndex((name) => name.toLowerCase() === state.replace(/^-/, ""));
        sort(index, index < 0 ? "none" : state.startsWith("-") ? "descending" : "ascending");
      },
    };
  }
})();
