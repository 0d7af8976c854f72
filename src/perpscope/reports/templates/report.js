"use strict";
(() => {
  const root = document.documentElement;
  root.classList.remove("plain");
  let stored = null;
  try { stored = localStorage.getItem("perpscope-theme"); } catch { stored = null; }
  if (stored) root.dataset.theme = stored;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const toggle = document.getElementById("theme");
  const told = () => toggle.setAttribute("aria-pressed", String(dark()));
  told();
  toggle.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    told();
    try { localStorage.setItem("perpscope-theme", root.dataset.theme); } catch { /* a page from a file may not store */ }
  });

  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const find = document.getElementById("find");
  const venue = document.getElementById("venue");
  const current = document.getElementById("current");
  const shown = document.getElementById("shown");

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.cells[0].dataset.v.toLowerCase();
      const fits = words.every((word) => text.includes(word)) && (!venue.value || row.dataset.venue === venue.value)
        && (!current.checked || "current" in row.dataset);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} contracts`;
  };
  find.addEventListener("input", filter);
  venue.addEventListener("change", filter);
  current.addEventListener("change", filter);
  find.form.addEventListener("submit", (event) => event.preventDefault());

  const value = (row, column, text) => {
    const raw = row.cells[column].dataset.v;
    if (text) return raw;
    return raw === "" || raw === undefined ? null : Number(raw);
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.kind === "none") return;
    const text = head.dataset.kind === "text";
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = text ? head.ariaSort === "ascending" : head.ariaSort !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const turn = down ? -1 : 1;
      const sorted = [...rows].sort((a, b) => {
        const [x, y] = [value(a, column, text), value(b, column, text)];
        if (x === null || y === null) return (x === null) - (y === null);
        return (text ? x.localeCompare(y) : x - y) * turn;
      });
      body.append(...sorted);
    });
  });
})();
