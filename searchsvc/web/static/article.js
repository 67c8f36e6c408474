"use strict";

// On an article page, n and p jump between matches.
const jumps = document.querySelector(".jumps");
if (jumps) {
  const marks = [...document.querySelectorAll(".body mark")];
  const numbers = jumps.querySelector(".numbers");
  let at = -1;
  const go = (step) => {
    at = (at + step + marks.length) % marks.length;
    marks[at].focus({ preventScroll: true });
    marks[at].scrollIntoView({ block: "center" });
    place.textContent = at + 1 + " of " + marks.length;
  };
  const button = (label, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => go(step));
    return made;
  };
  const place = document.createElement("span");
  place.setAttribute("role", "status");
  numbers.replaceChildren(button("Previous match", -1), button("Next match", 1), place);
  onKey("n", () => go(1));
  onKey("p", () => go(at < 0 ? 0 : -1));
}
