/* The interaction map: the arrows of one factor light up together, and what the filter below it hides goes pale.
   Without this script the map is a drawing whose arrows are links. */
(() => {
  "use strict";
  for (const map of document.querySelectorAll("#figure-interaction-map")) {
    const arrows = [...map.querySelectorAll(".kb-arrow")];
    const table = document.getElementById("interactions-table");

    const light = (target) => {
      const factor = target instanceof Element ? target.closest(".kb-arrow")?.dataset.factor : undefined;
      map.classList.toggle("kb-lit", Boolean(factor));
      for (const arrow of arrows) arrow.classList.toggle("kb-lit", arrow.dataset.factor === factor);
    };
    map.addEventListener("pointerover", (event) => light(event.target));
    map.addEventListener("focusin", (event) => light(event.target));
    map.addEventListener("pointerleave", () => light(document.activeElement));
    map.addEventListener("focusout", (event) => light(event.relatedTarget));

    // The rows are the truth: an arrow stays as long as one of its rows does, and counts the rows that are left.
    function follow() {
      const left = new Map();
      for (const { dataset, hidden } of table.tBodies[0].rows) left.set(dataset.arrow, (left.get(dataset.arrow) ?? 0) + !hidden);
      for (const arrow of arrows) {
        const count = left.get(arrow.dataset.arrow) ?? 0;
        arrow.classList.toggle("kb-pale", count === 0);
        if (count) arrow.querySelector("tspan").textContent = count;
      }
    }
    if (table) {
      table.addEventListener("kb:filtered", follow);
      follow();
    }
  }
})();
