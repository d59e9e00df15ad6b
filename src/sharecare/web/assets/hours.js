// Paints the week by finger, mouse or keyboard. What was painted stands in two hidden fields, cell by cell, so that
// minutes which don't fall on the half hour stay as they are wherever nobody painted.
const place = document.querySelector("[data-hours]");
const week = place.querySelector("table");
const form = place.querySelector("form");
const cells = new Map();
[...week.tBodies[0].rows].forEach((row, half) =>
  [...row.querySelectorAll("td")].forEach((cell, day) => {
    cell.dataset.cell = `${day}-${half}`;
    cells.set(cell.dataset.cell, cell);
  }),
);
const stored = new Map([...cells].map(([id, cell]) => [id, cell.dataset.state ?? "off"]));
const pending = new Map();
let stroke = null; // { anchor, paints, before }
let focused = null;

const spot = (cell) => cell.dataset.cell.split("-").map(Number);
const at = (day, half) => cells.get(`${day}-${half}`);
const isShown = (cell) => cell && !cell.parentElement.hidden;
const stateOf = (id) => (pending.has(id) ? (pending.get(id) ? "on" : "off") : stored.get(id));

function show() {
  let minutes = 0;
  for (const [id, cell] of cells) {
    const state = stateOf(id);
    minutes += state === "on" ? 30 : state === "part" ? 15 : 0;
    cell.dataset.state = state;
    cell.toggleAttribute("data-changed", pending.has(id));
    cell.setAttribute("aria-selected", String(state === "on"));
    cell.setAttribute("aria-label", `${cell.dataset.name} ${week.dataset[state]}`);
  }
  const chosen = (paints) => [...pending].filter(([, one]) => one === paints).map(([id]) => id).join(" ");
  form.elements.add.value = chosen(true);
  form.elements.remove.value = chosen(false);
  const total = place.querySelector("[data-total]");
  if (pending.size) total.textContent = total.dataset.total.replace("#", String(minutes / 60));
  for (const part of place.querySelectorAll("[data-unsaved], [data-undo]")) part.hidden = !pending.size;
}

function paint(cell, paints) {
  const id = cell.dataset.cell;
  if (stored.get(id) === (paints ? "on" : "off")) pending.delete(id);
  else pending.set(id, paints);
}

function begin(cell) {
  stroke = { anchor: cell, paints: stateOf(cell.dataset.cell) !== "on", before: new Map(pending) };
  reach(cell);
}

/** Paint the rectangle between where the stroke began and a cell. */
function reach(cell) {
  pending.clear();
  for (const [id, paints] of stroke.before) pending.set(id, paints);
  const [[day, half], [otherDay, otherHalf]] = [spot(stroke.anchor), spot(cell)];
  for (let d = Math.min(day, otherDay); d <= Math.max(day, otherDay); d++)
    for (let h = Math.min(half, otherHalf); h <= Math.max(half, otherHalf); h++)
      if (isShown(at(d, h))) paint(at(d, h), stroke.paints);
  show();
}

function focus(cell) {
  focused?.setAttribute("tabindex", "-1");
  focused = cell;
  cell.setAttribute("tabindex", "0");
}

week.addEventListener("pointerdown", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (!cell || !event.isPrimary || event.button) return;
  event.preventDefault(); // no text is selected
  week.setPointerCapture(event.pointerId);
  focus(cell);
  begin(cell);
});
week.addEventListener("pointermove", (event) => {
  if (!stroke || !week.hasPointerCapture(event.pointerId)) return;
  const edge = 90; // near the upper or lower edge the page comes along
  if (event.clientY > innerHeight - edge) scrollBy(0, 12);
  else if (event.clientY < edge) scrollBy(0, -12);
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-cell]");
  if (under) reach(under);
});
week.addEventListener("pointerup", () => (stroke = null));
week.addEventListener("pointercancel", () => {
  if (stroke) reach(stroke.anchor), pending.clear(), stroke.before.forEach((paints, id) => pending.set(id, paints));
  stroke = null;
  show();
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
week.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === " " || event.key === "Enter") begin(cell);
  else if (event.key in STEPS || event.key === "Home" || event.key === "End") {
    const [day, half] = spot(cell);
    const [days, halves] = STEPS[event.key] ?? [0, 0];
    const to = at(event.key === "Home" ? 0 : event.key === "End" ? 6 : day + days, half + halves);
    if (isShown(to)) {
      if (event.shiftKey && !stroke) begin(cell);
      if (!event.shiftKey) stroke = null;
      focus(to);
      to.focus();
      if (stroke) reach(to);
    }
  } else return;
  event.preventDefault();
});

place.querySelector("[data-undo]").addEventListener("click", () => {
  pending.clear();
  show();
  place.querySelector("[data-total]").textContent = initial;
});
const more = place.querySelector("[data-more]");
more.addEventListener("click", (event) => {
  event.preventDefault();
  const edges = [...week.querySelectorAll("[data-edge]")];
  const opens = edges.some((row) => row.hidden);
  for (const row of edges) row.hidden = !opens;
  more.textContent = opens ? more.dataset.less : more.dataset.more;
  if (!isShown(focused)) focus([...cells.values()].find(isShown));
});

const initial = place.querySelector("[data-total]").textContent;
const names = [...week.querySelectorAll("thead th[data-name]")].map((head) => head.dataset.name);
for (const cell of cells.values()) {
  cell.dataset.name = `${names[spot(cell)[0]]} ${cell.parentElement.firstElementChild.dataset.name}`;
  cell.setAttribute("role", "gridcell");
  cell.setAttribute("tabindex", "-1");
}
week.setAttribute("role", "grid");
week.setAttribute("aria-multiselectable", "true");
week.setAttribute("aria-describedby", "keys");
for (const part of place.querySelectorAll("[data-with]")) part.hidden = false;
for (const part of place.querySelectorAll("[data-without]")) part.hidden = true;
// What a form that came back, or a browser that went back, still holds.
for (const id of form.elements.add.value.split(" ")) if (cells.has(id)) paint(cells.get(id), true);
for (const id of form.elements.remove.value.split(" ")) if (cells.has(id)) paint(cells.get(id), false);
focus([...cells.values()].find(isShown));
show();
