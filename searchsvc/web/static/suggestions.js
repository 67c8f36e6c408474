"use strict";

// Suggestions while typing: an editable combobox with a listbox of groups, by the ARIA Authoring Practices.
class Suggestions {
  constructor(input) {
    this.input = input;
    this.addresses = input.form.dataset; // below the prefix of the service
    this.texts = input.parentElement.dataset;
    this.fields = new Map(Object.entries(JSON.parse(this.texts.fields)));
    this.language = document.documentElement.lang;
    this.list = this.element("div", { id: "suggestions", role: "listbox", "aria-label": this.texts.label });
    this.status = this.element("div", { class: "hidden", role: "status" });
    this.list.hidden = true;
    input.after(this.list, this.status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions", "aria-autocomplete": "list" })) {
      input.setAttribute(name, value);
    }
    this.typed = input.value;
    // An input method composes a word from several keys, which are its own. Its candidates are no text yet.
    input.addEventListener("input", (event) => event.isComposing || this.wait());
    input.addEventListener("compositionstart", () => this.close());
    input.addEventListener("compositionend", () => this.wait());
    input.addEventListener("keydown", (event) => event.isComposing || event.keyCode === 229 || this.key(event));
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
    this.stop();
    this.timer = setTimeout(() => this.ask(this.typed), 120);
  }

  stop() {
    clearTimeout(this.timer);
    this.asked?.abort(); // a slow answer to an earlier text must not come after that to a later one
  }

  async ask(text) {
    if (!/[\p{L}\p{M}\p{N}]$|\S:["“]?$/u.test(text)) return this.close();
    const search = new URLSearchParams(new FormData(this.input.form)); // with the filters that are set
    ["vs", "chart"].forEach((name) => search.delete(name)); // of the page's chart
    search.set("limit", "6");
    this.asked = new AbortController();
    try {
      const answer = await fetch(this.addresses.suggest + "?" + search, { signal: this.asked.signal });
      if (answer.ok && text === this.input.value) this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // without a network, the search box still works
    }
  }

  show(found) {
    const groups = this.groups(found).filter(([, options]) => options.length);
    this.list.replaceChildren(...groups.map(([name, options], number) => this.group(name, options, "suggestions-" + number)));
    const options = this.options;
    options.forEach((option, number) => (option.id = "suggestion-" + number));
    const open = options.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = open ? this.count(options.length) : "";
  }

  // The groups in order, each a name and its options: words, values of each field, and titles.
  groups(found) {
    const total = (each) => each.total?.toLocaleString(this.language) ?? ""; // not every total is counted
    const values = new Map();
    for (const each of found.values.slice(0, found.words.length ? 4 : 6)) {
      const option = this.option(each.text, each.value, total(each));
      values.set(each.field, [...(values.get(each.field) ?? []), option]);
    }
    const address = (title) => this.addresses.article + encodeURIComponent(title.id);
    return [
      [this.texts.words, found.words.map((word) => this.option(word.text, word.text, total(word)))],
      ...[...values].map(([field, options]) => [this.fields.get(field) ?? field, options]),
      [this.texts.titles, found.titles.slice(0, 4).map((title) => this.option(this.typed, title.text, "", address(title)))],
    ];
  }

  group(name, options, id) {
    const group = this.element("div", { role: "group", "aria-labelledby": id });
    group.append(this.element("div", { id, class: "group", role: "presentation" }, name), ...options);
    return group;
  }

  option(query, text, about, link = "") {
    const option = this.element("div", { role: "option", "aria-selected": "false", dir: "auto" });
    Object.assign(option.dataset, { query, link });
    option.append(this.element("span", { class: link ? "title" : "text" }, text));
    if (about) option.append(" ", this.element("small", {}, about));
    return option;
  }

  element(name, attributes, text = "") {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.textContent = text;
    return made;
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  count(number) {
    const text = this.texts[new Intl.PluralRules(this.language).select(number)] ?? this.texts.other;
    return text.replace("{}", number.toLocaleString(this.language));
  }

  key(event) {
    const options = this.options;
    const at = this.list.hidden ? -1 : options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.input.value = this.typed;
      this.close();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      this.choose(options[at]);
    } else if ((event.key === "Home" || event.key === "End" || event.key === "ArrowLeft" || event.key === "ArrowRight") && at >= 0) {
      this.deselect(); // the caret moves in the text, which is edited from here on
    } else if (event.key === "Tab") {
      this.close();
    } else if (isArrow && event.altKey) {
      event.preventDefault();
      if (event.key === "ArrowUp") this.close();
      else if (this.list.hidden) this.open();
    } else if (isArrow) {
      event.preventDefault();
      if (this.list.hidden) return this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // The extra place is the text as typed.
      const places = options.length + 1;
      this.select(options, ((at + 1 + step + places) % places) - 1);
    }
  }

  open() {
    this.stop();
    this.typed = this.input.value;
    this.ask(this.typed);
  }

  select(options, at) {
    this.deselect();
    this.input.value = at < 0 ? this.typed : options[at].dataset.query;
    if (at < 0) return;
    options[at].setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", options[at].id);
    // Above the first option, its label has to be seen too.
    (at ? options[at] : options[at].parentElement).scrollIntoView({ block: "nearest" });
  }

  deselect() {
    this.options.forEach((option) => option.setAttribute("aria-selected", "false"));
    this.input.removeAttribute("aria-activedescendant");
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
    this.stop();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}

if (box) new Suggestions(box);
