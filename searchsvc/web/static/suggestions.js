"use strict";

// Suggestions while typing: a combobox with a listbox, following the ARIA Authoring Practices.
class Suggestions {
  constructor(input) {
    this.input = input;
    this.addresses = input.form.dataset; // below the prefix of the service
    this.list = document.createElement("ul");
    this.list.id = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.hidden = true;
    input.after(this.list);
    this.status = document.createElement("div");
    this.status.className = "hidden";
    this.status.setAttribute("role", "status");
    this.list.after(this.status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions", "aria-autocomplete": "list" })) {
      input.setAttribute(name, value);
    }
    this.typed = input.value;
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // Pressing the mouse would move the focus and close the list before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  wait() {
    this.typed = this.input.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(this.typed), 120);
  }

  async ask(text) {
    if (!/[\p{L}\p{M}\p{N}]$|\S:["“]?$/u.test(text)) return this.close();
    const search = new URLSearchParams(new FormData(this.input.form)); // with the filters that are set
    search.set("limit", "6");
    try {
      const answer = await fetch(this.addresses.suggest + "?" + search);
      if (answer.ok && text === this.input.value) this.show(await answer.json());
    } catch {
      this.close(); // without a network, the search box still works
    }
  }

  show(found) {
    const total = (each) => each.total?.toLocaleString("en") ?? ""; // not every total is counted
    const shown = found.words.length ? 3 : 6;
    this.list.replaceChildren(
      ...found.words.map((word) => this.option(word.text, word.text, total(word))),
      ...found.values.slice(0, shown).map((value) => this.option(value.text, value.value, [value.field, total(value)].filter(Boolean).join(" · "))),
      ...found.titles.map((title) => this.option(this.typed, title.text, "article", this.addresses.article + encodeURIComponent(title.id))),
    );
    [...this.list.children].forEach((option, number) => (option.id = "suggestion-" + number));
    const open = this.list.children.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = open ? this.list.children.length + (this.list.children.length === 1 ? " suggestion" : " suggestions") : "";
  }

  option(query, text, about, link = "") {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dir = "auto";
    Object.assign(option.dataset, { query, link });
    const name = document.createElement("span");
    name.textContent = text;
    const note = document.createElement("small");
    note.textContent = about;
    option.append(name, " ", note);
    return option;
  }

  key(event) {
    const options = [...this.list.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.input.value = this.typed;
      this.close();
    } else if (event.key === "Enter" && at >= 0 && !this.list.hidden) {
      event.preventDefault();
      this.choose(options[at]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.list.hidden && !event.altKey) {
      event.preventDefault();
      this.typed = this.input.value;
      this.ask(this.typed);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // The extra place is the text as typed.
      const places = options.length + 1;
      this.select(options, (at + 1 + step + places) % places - 1);
    }
  }

  select(options, at) {
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    if (at < 0) {
      this.input.value = this.typed;
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.value = options[at].dataset.query;
    this.input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  choose(option) {
    if (option.dataset.link) {
      location.assign(option.dataset.link);
      return;
    }
    this.input.value = option.dataset.query;
    this.close();
    this.input.form.requestSubmit();
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}

if (box) new Suggestions(box);
