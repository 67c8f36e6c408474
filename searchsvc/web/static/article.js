"use strict";

// On an article page, n and p go from match to match. The address says which match is shown, so that links and the browser's
// history agree with it.
const jumps = document.querySelector(".jumps");
if (jumps) {
  const marks = document.querySelectorAll(".body mark");
  const words = jumps.dataset;
  const asNumber = (number) => number.toLocaleString(document.documentElement.lang);
  const current = () => {
    const found = /^#match-(\d+)$/.exec(location.hash);
    return found && found[1] <= marks.length ? Number(found[1]) : 0;
  };
  const go = (step) => {
    const at = current();
    const to = at || step > 0 ? ((at - 1 + step + marks.length) % marks.length) + 1 : marks.length;
    location.replace("#match-" + to); // unlike history.replaceState, it also moves :target and the focus
    tell();
  };
  const button = (sign, label, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => {
      go(step);
      made.focus({ preventScroll: true }); // the match has taken the focus: without it, a second press would be lost
    });
    return made;
  };
  const place = jumps.querySelector(".matches"); // where their number stands, so that nothing moves
  const count = place.textContent;
  place.setAttribute("role", "status");
  const tell = () => {
    const at = current();
    place.textContent = at ? words.place.replace("{number}", asNumber(at)).replace("{total}", asNumber(marks.length)) : count;
  };
  jumps.querySelector(".numbers").replaceChildren(button("↑", words.previous, -1), button("↓", words.next, 1));
  tell();
  addEventListener("hashchange", tell);
  onKey("n", () => go(1));
  onKey("p", () => go(-1));
}
