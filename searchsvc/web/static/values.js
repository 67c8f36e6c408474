"use strict";

// On the page of all values, the button says how many articles the ticks find, and links to other values keep the ticks.
class Choosing {
  constructor(form) {
    this.form = form;
    this.button = form.querySelector("button[name=show]");
    [this.status, this.heard] = form.querySelectorAll("[role=status]"); // errors, and what only screen readers need to be told
    this.links = [...form.querySelectorAll("nav a, a.not, .excluded a")];
    form.addEventListener("change", (event) => event.target.type === "checkbox" && this.update());
    // A browser may restore ticks when a reader comes back.
    window.addEventListener("pageshow", () => this.boxes.some((box) => box.checked !== box.defaultChecked) && this.update());
    // Whoever has narrowed the list hears what is left of it. A text that is there from the start is not read.
    if (form.elements.prefix.value) setTimeout(() => this.hear(document.getElementById("listed").innerText), 500);
  }

  get boxes() {
    return [...this.form.querySelectorAll("input[type=checkbox]")];
  }

  update() {
    this.form.classList.add("changed"); // keeps the button in sight
    this.links.forEach((link) => (link.href = this.ticked(new URL(link.href))));
    this.count();
  }

  ticked(address) {
    const boxes = this.boxes;
    const others = [...address.searchParams].filter(([name, value]) => !boxes.some((box) => box.name === name && box.value === value));
    const given = boxes.filter((box) => box.checked).map((box) => [box.name, box.value]);
    address.search = new URLSearchParams([...others, ...given]);
    return address.href;
  }

  async count() {
    this.asked?.abort();
    this.asked = new AbortController();
    const search = new URLSearchParams(new FormData(this.form));
    ["prefix", "order", "vs", "chart"].forEach((name) => search.delete(name));
    Object.entries({ facet: "none", per_page: "1", snippets: "0", fields: "language" }).forEach(([name, value]) => search.set(name, value));
    try {
      const answer = await fetch(this.form.dataset.count + "?" + search, { signal: this.asked.signal });
      const found = await answer.json();
      this.status.textContent = answer.ok ? "" : found.detail;
      if (answer.ok) this.show(found.total);
    } catch {
      // A newer request has taken its place, or there is no network: the button works all the same.
    }
  }

  show(total) {
    const language = document.documentElement.lang;
    const texts = this.form.dataset;
    const text = texts[new Intl.PluralRules(language).select(total)] ?? texts.other;
    this.button.textContent = text.replace("{}", total.toLocaleString(language));
    this.hear(this.button.textContent);
  }

  hear(text) {
    this.heard.textContent = text.replace(/\s+/g, " ");
  }
}

const choosing = document.querySelector("form.choose");
if (choosing) new Choosing(choosing);
