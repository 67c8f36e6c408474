"use strict";

// Buttons that copy an address, or the text of an element. Without JavaScript they are hidden.
const said = document.createElement("span"); // for screen readers, which do not tell that a label has changed
said.className = "hidden";
said.setAttribute("role", "status");
document.body.append(said);

for (const button of document.querySelectorAll("button.copy")) {
  const { copy, copyFrom, done, failed } = button.dataset;
  const label = button.textContent;
  const source = copyFrom ? document.getElementById(copyFrom) : null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = source ? source.textContent.trim() : new URL(copy, location.href).href;
    const copied = await copyText(text, button);
    button.textContent = said.textContent = copied ? done : failed;
    setTimeout(() => {
      button.textContent = label;
      said.textContent = "";
    }, 3000);
  });
}

// The clipboard is only there on secure pages. On others, the text is selected and copied as by hand, or else
// stays selected.
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, button);
  }
}

function copySelected(text, button) {
  document.querySelector("textarea.copied")?.remove();
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "copied";
  field.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.textContent);
  button.after(field);
  field.select();
  const copied = document.execCommand("copy");
  if (copied) {
    field.remove();
    button.focus();
  }
  return copied;
}

// Menus close by Escape, and by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = menu.contains(event.target);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
