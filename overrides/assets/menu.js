/* The theme's menus, search and colours are switched by labels of hidden checkboxes, which no keyboard reaches and no
   screen reader names. Here each label becomes a button. Without this script they stay labels. */
(() => {
  "use strict";
  const NAMES = { __drawer: "Menu", __search: "Search" };

  function buttonFor(label) {
    const box = document.getElementById(label.htmlFor);
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.hidden = label.hidden;
    button.setAttribute("for", label.htmlFor); // the theme's rules for its labels then hold for the button
    if (label.id) button.id = label.id;
    button.append(...label.childNodes);
    const name = label.title || NAMES[box.id] || label.closest("li").querySelector("nav > .md-nav__title").textContent.trim();
    if (label.title) button.title = name;
    if (!button.textContent.trim()) button.setAttribute("aria-label", name);
    label.replaceWith(button);
    return { box, button };
  }

  /** A button that opens and closes something says which of the two it did. */
  function connect({ box, button }) {
    const state = () => button.setAttribute("aria-expanded", box.checked);
    button.addEventListener("click", () => box.click());
    box.addEventListener("change", state);
    state();
  }

  for (const label of document.querySelectorAll(".md-nav__item label.md-nav__link[for]")) connect(buttonFor(label));

  const colours = document.querySelector("[data-md-component=palette]");
  const schemes = [...(colours?.querySelectorAll("label") ?? [])].map(buttonFor);
  for (const { box, button } of schemes) {
    box.hidden = true;
    button.addEventListener("click", () => {
      box.click(); // the theme then hides this button and shows the other
      const other = schemes.find((scheme) => scheme.button !== button).button;
      [button.hidden, other.hidden] = [true, false];
      other.focus();
    });
  }
  colours?.addEventListener("keydown", (event) => event.stopImmediatePropagation(), true); // for the theme, Enter would switch again

  const search = buttonFor(document.querySelector(".md-header__button[for=__search]"));
  connect(search);
  const form = document.forms.search;
  search.box.addEventListener("change", () => {
    const { activeElement } = document;
    if (search.box.checked) form.query.focus();
    // Closed by a key: back to where it was opened, on narrow windows, where the field itself goes away.
    else if (activeElement === document.body || activeElement.closest(".md-search")) search.button.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault()); // before results are there, Enter does nothing

  const menu = buttonFor(document.querySelector(".md-header__button[for=__drawer]"));
  connect(menu);
  const drawer = document.querySelector(".md-sidebar--primary");
  const narrow = () => menu.button.offsetParent !== null;
  menu.box.addEventListener("change", () => {
    if (menu.box.checked) drawer.querySelector("a[href]").focus();
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.box.checked) return;
    menu.box.click();
    menu.button.focus();
  });
  drawer.addEventListener("focusout", (event) => {
    // Who tabs out of the open menu goes on in the page, so the menu does not stay before it.
    if (menu.box.checked && narrow() && event.relatedTarget && !drawer.contains(event.relatedTarget)) menu.box.click();
  });
})();
