"use strict";

// The chart is one stop of the Tab key: arrows, Home and End move between its bars. Dragging selects a range.
const plot = document.querySelector(".timeline .plot"); // not the drawing: a browser would let that have the focus
if (plot) {
  const slots = [...plot.querySelectorAll("[data-key]")];
  const links = slots.filter((slot) => slot.localName === "a");
  const form = document.querySelector("form.span");

  const makeStop = (stop) => links.forEach((link) => link.setAttribute("tabindex", link === stop ? "0" : "-1"));
  makeStop(links.find((link) => link.classList.contains("selected")) ?? links[0]);
  plot.addEventListener("focusin", (event) => makeStop(event.target.closest("a")));
  plot.addEventListener("keydown", (event) => {
    const at = links.indexOf(event.target.closest("a"));
    const target = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    links[Math.max(0, Math.min(links.length - 1, target))].focus();
  });

  let first = -1;
  let last = -1;
  const under = (event) => slots.indexOf(document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-key]"));
  const show = () => slots.forEach((slot, at) => slot.classList.toggle("dragged", first >= 0 && first !== last && at >= Math.min(first, last) && at <= Math.max(first, last)));
  plot.addEventListener("dragstart", (event) => event.preventDefault());
  plot.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType !== "touch") first = last = under(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (!(event.buttons & 1)) first = last = -1; // released outside of the window
    const at = under(event);
    if (first >= 0 && at >= 0) last = at;
    show();
  });
  const stop = () => {
    first = last = -1;
    show();
  };
  document.addEventListener("pointerup", () => {
    if (first >= 0 && first !== last) {
      const search = new URLSearchParams(new FormData(form)); // its fields hold days, but a bar may be a year or a month
      const [begin, end] = [slots[Math.min(first, last)].dataset, slots[Math.max(first, last)].dataset];
      search.set("from", begin.first ?? begin.key); // a week is no date
      search.set("to", end.last ?? end.key);
      location.assign(form.action + "?" + search);
    }
    stop();
  });
  document.addEventListener("pointercancel", stop); // the browser scrolls, or a pen is taken away
  plot.addEventListener("click", (event) => {
    if (slots.some((slot) => slot.classList.contains("dragged"))) event.preventDefault();
  }, true);
}
