/* The search index is large: it is fetched when a reader turns to the search, not with every page.
   The theme asks for it at once, so its request is held back until then; this file runs before the theme.
   And the theme takes the feed for a translation of the site, whose sitemap it asks for: that request is dropped. */
(() => {
  "use strict";
  document.documentElement.classList.add("kb-script"); // so that room is kept for what scripts will show
  const send = XMLHttpRequest.prototype.send;
  const open = XMLHttpRequest.prototype.open;
  const INDEX = "search/search_index.json";
  const held = [];
  let wanted = new URLSearchParams(location.search).has("q"); // an address that asks for a search

  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.kbIndex = String(address).endsWith(INDEX);
    this.kbDropped = String(address).endsWith("/sitemap.xml");
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (this.kbIndex && !wanted) held.push(() => send.apply(this, body));
    else if (!this.kbDropped) send.apply(this, body);
  };

  function release() {
    wanted = true;
    for (const go of held.splice(0)) go();
  }
  const turned = (event) => event.target instanceof Element && event.target.closest('.md-search, [for="__search"]') && release();
  for (const kind of ["focusin", "pointerover", "pointerdown", "change"]) document.addEventListener(kind, turned, true);
  document.addEventListener("change", (event) => event.target.id === "__search" && release(), true);
  document.addEventListener("keydown", (event) => /^[fs/]$/.test(event.key) && release(), true); // the theme's keys for search
})();
