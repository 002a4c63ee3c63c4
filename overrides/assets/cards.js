/* Cards: the reference of a number, the meaning of a word and the claims of an arrow of the map, shown on hover, keyboard focus and tap.
   Without this script a number is a plain link to the reference list, and a word one to the glossary. */
(() => {
  "use strict";
  const GAP = 8; // pixels between the card and the edge of the window
  const OPEN_AFTER = 150; // ms: a pointer on its way across the text opens nothing
  const CLOSE_AFTER = 300; // ms: time to move from the number onto the card


  let shown = null; // the number whose card is open
  let card = null;
  let wanted = null; // the number whose card is to be open once the timer has run
  let timer = 0;

  const numberAt = (target) => (target instanceof Element ? target.closest(".footnote-ref, .kb-term, .kb-arrow") : null);
  const isArrow = (number) => number.classList.contains("kb-arrow");
  const isWord = (number) => number.classList.contains("kb-term");
  const inCard = (target) => Boolean(card && target instanceof Node && card.contains(target));

  /** The claims of an arrow of the map: its words, then the statements that it carries. */
  function claimsOf(arrow) {
    const lines = arrow.querySelector("desc").textContent.split("\n");
    return [arrow.getAttribute("aria-label"), ...lines].map((line, i) => {
      const paragraph = document.createElement("p");
      const text = document.createElement(i ? "span" : "strong");
      text.textContent = line;
      paragraph.append(text);
      return paragraph;
    });
  }

  function contents(number) {
    if (isArrow(number)) return claimsOf(number);
    const anchor = decodeURIComponent(number.hash.slice(1));
    const item = document.getElementById(isWord(number) ? `kb-word-${anchor}` : anchor);
    return item && [...item.childNodes].map((node) => node.cloneNode(true));
  }

  function build(number) {
    const found = contents(number);
    if (!found) return null;
    const text = document.createElement("div");
    text.id = "kb-card-text";
    text.append(...found);
    for (const back of text.querySelectorAll(".footnote-backref")) back.remove();
    for (const copy of text.querySelectorAll("[id]")) copy.removeAttribute("id");
    const go = document.createElement("a");
    go.className = "kb-card__go";
    go.href = number.getAttribute("href");
    go.textContent = isArrow(number) ? "Go to what it says" : "Go to reference";
    const box = document.createElement("div");
    box.className = "kb-card";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", isArrow(number) ? "Claims" : `${isWord(number) ? "Meaning of" : "Reference"} ${number.textContent.trim()}`);
    box.setAttribute("popover", "manual"); // the top layer: no table or box can cut the card off
    box.append(text);
    if (!isWord(number)) box.append(go); // the meaning of a word ends with its own link to the glossary
    return box;
  }

  function show(number) {
    clearTimeout(timer);
    wanted = number;
    if (number === shown) return;
    if (shown) {
      shown.removeAttribute("aria-describedby");
      const old = card;
      card = shown = null; // first, because removing the card moves the focus, and that comes back here
      old.remove();
    }
    const fresh = number && build(number);
    if (!fresh) return;
    card = fresh;
    shown = number;
    // Right after the number, so that Tab goes from the number through the card and on to the text.
    (number.closest("sup, .kb-panels") || number).after(card);
    card.showPopover?.();
    number.setAttribute("aria-describedby", "kb-card-text");
    place();
  }

  function want(number, delay) {
    if (number === wanted) return;
    wanted = number;
    clearTimeout(timer);
    timer = setTimeout(show, number === shown ? 0 : delay, number);
  }

  /** Below the number where it fits, else on the side with more room; never outside the window or under the header. */
  function place() {
    const header = document.querySelector(".md-header");
    const top = Math.max(header ? header.getBoundingClientRect().bottom : 0, 0) + GAP;
    const { clientWidth, clientHeight } = document.documentElement;
    const at = shown.getBoundingClientRect();
    const above = at.top - top;
    const below = clientHeight - GAP - at.bottom;
    card.style.maxHeight = "";
    const under = card.offsetHeight <= below || below >= above;
    card.style.maxHeight = `${Math.max(under ? below : above, 96)}px`;
    const left = at.left + at.width / 2 - card.offsetWidth / 2;
    card.style.left = `${Math.max(GAP, Math.min(left, clientWidth - GAP - card.offsetWidth))}px`;
    // No gap between number and card: a slow pointer stays on one of the two.
    card.style.top = `${under ? at.bottom : at.top - card.offsetHeight}px`;
  }

  document.addEventListener("pointerover", (event) => {
    // While the keyboard is in a card, a pointer that happens to lie somewhere does not take the card away.
    if (event.pointerType === "touch" || inCard(document.activeElement)) return;
    const focused = shown?.matches(":focus-visible") ? shown : null;
    const number = numberAt(event.target) || (inCard(event.target) ? shown : focused);
    want(number, number ? OPEN_AFTER : CLOSE_AFTER);
  });
  document.documentElement.addEventListener("pointerleave", () => {
    if (!inCard(document.activeElement) && !shown?.matches(":focus-visible")) want(null, CLOSE_AFTER);
  });

  document.addEventListener("focusin", (event) => {
    const number = numberAt(event.target);
    // A click and a tap focus the number too; only a focus that the reader sees opens the card.
    if (number?.matches(":focus-visible")) show(number);
    else if (!number && !inCard(event.target)) show(null);
  });
  document.addEventListener("focusout", (event) => {
    if (!event.relatedTarget && !card?.matches(":hover") && !shown?.matches(":hover")) want(null, 0);
  });

  let touched = false; // `click` itself does not say in every browser what made it
  document.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"), true);
  document.addEventListener("click", (event) => {
    const number = numberAt(event.target);
    if (event.target instanceof Element && event.target.matches(".kb-card__go")) want(null, 0);
    else if (touched && number) {
      event.preventDefault();
      show(number === shown ? null : number);
    } else if (touched && !inCard(event.target)) show(null);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    const number = shown;
    if (inCard(document.activeElement)) number.focus(); // while the card is open, so that this opens no new one
    show(null);
    event.stopPropagation();
  });

  for (const change of ["scroll", "resize"]) {
    addEventListener(change, (event) => card && !inCard(event.target) && place(), { passive: true, capture: true });
  }
})();
