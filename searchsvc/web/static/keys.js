// Conveniences: every page works without them.
"use strict";

const box = document.getElementById("q");
const KEYS = "searchsvc.keys";

function isTyping(target) {
  return target instanceof Element && (target.isContentEditable || target.matches("input, textarea, select, [role=textbox], [role=combobox]"));
}

// The browser may not let a site keep anything.
function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem(KEYS, value);
    return localStorage.getItem(KEYS);
  } catch {
    return value;
  }
}

// A single letter would be pressed by mistake in a field, by speech input, or as part of a command. So it can be turned off.
let areOn = kept() !== "off";

function keysAreOn() {
  return areOn;
}

function onKey(key, action) {
  document.addEventListener("keydown", (event) => {
    if (!keysAreOn() || event.key !== key || event.defaultPrevented || event.isComposing) return;
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

// "/" goes to the search box, as on many sites.
if (box) {
  onKey("/", () => {
    box.focus();
    box.select();
  });
}

const keys = document.querySelector(".keys");
if (keys) {
  const tick = keys.querySelector("input");
  keys.hidden = false;
  tick.checked = areOn;
  tick.addEventListener("change", () => {
    areOn = tick.checked;
    kept(areOn ? "on" : "off");
  });
}
