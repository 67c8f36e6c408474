"use strict";

// Dragging over bars of the timeline selects the range from the first to the last.
const drawing = document.querySelector(".timeline svg");
if (drawing) {
  const bars = [...drawing.querySelectorAll("a[data-period]")];
  const form = document.querySelector("form.span");
  let first = -1;
  let last = -1;
  const under = (event) => bars.indexOf(document.elementFromPoint(event.clientX, event.clientY)?.closest("a[data-period]"));
  const show = () => bars.forEach((bar, at) => bar.classList.toggle("dragged", first >= 0 && first !== last && at >= Math.min(first, last) && at <= Math.max(first, last)));
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType !== "touch") first = last = under(event);
  });
  drawing.addEventListener("pointermove", (event) => {
    const at = under(event);
    if (first >= 0 && at >= 0) last = at;
    show();
  });
  document.addEventListener("pointerup", () => {
    if (first >= 0 && first !== last) {
      const [from, to] = [bars[Math.min(first, last)], bars[Math.max(first, last)]].map((bar) => bar.dataset.period);
      form.elements.from.type = form.elements.to.type = "text"; // a year or a month is not a full date
      form.elements.from.value = from;
      form.elements.to.value = to;
      form.requestSubmit();
    }
    first = last = -1;
    show();
  });
  drawing.addEventListener("click", (event) => {
    if (bars.some((bar) => bar.classList.contains("dragged"))) event.preventDefault();
  }, true);
}
