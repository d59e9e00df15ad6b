// Lays the drawn cells over streets that one can move, and lets a tap choose a place. Without it the drawing stays.
const LEAFLET = "/leaflet/leaflet";
const CHOSEN = 3; // the shade of one's own cell

const figures = document.querySelectorAll("figure[data-map]");
if (figures.length) {
  await Promise.all([import(`${LEAFLET}.js`), styled(`${LEAFLET}.css`)]);
  for (const figure of figures) open(figure);
}

function styled(address) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
  return new Promise((done, failed) => {
    link.onload = done;
    link.onerror = failed;
    document.head.prepend(link); // what the page itself says of style comes later and counts
  });
}

function open(figure) {
  const { cells, pins, around } = JSON.parse(figure.dataset.map);
  const streets = document.createElement("div");
  streets.className = "streets";
  streets.setAttribute("role", "region");
  streets.setAttribute("aria-label", figure.dataset.title);
  figure.querySelector("svg").replaceWith(streets);
  const map = L.map(streets, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, maxZoom: 18 });
  L.control.zoom({ zoomInTitle: figure.dataset.closer, zoomOutTitle: figure.dataset.farther }).addTo(map);
  const tiled = "tiles" in figure.dataset;
  if (tiled) {
    L.tileLayer("/tiles/{z}/{x}/{y}.png", { minZoom: 5, maxZoom: 18 }).addTo(map);
    figure.querySelector("[data-credit]").hidden = false;
  }
  const picks = "pick" in figure.dataset; // the chosen cell is drawn as it is chosen, and a tap is for choosing
  const numbered = "numbered" in figure.dataset;
  const shown = picks ? cells.filter(([, , , , shade]) => shade !== CHOSEN) : cells;
  const layers = shown.map(([south, west, north, east, shade, label]) => {
    const cell = L.rectangle([[south, west], [north, east]], { className: `cell shade-${shade}`, interactive: !picks });
    if (picks) return cell;
    return cell.bindTooltip(plain(label), numbered ? { permanent: true, direction: "center", className: "name" } : { sticky: true });
  });
  layers.push(...pins.map(([lat, lon, label]) =>
    L.circleMarker([lat, lon], { className: "pin", radius: 6 })
      .bindTooltip(plain(label), { permanent: !tiled, direction: "top", className: "name" })));
  const all = L.featureGroup(layers).addTo(map);
  const bounds = layers.length ? all.getBounds().pad(0.05) : [around.slice(0, 2), around.slice(2)];
  map.fitBounds(bounds, { maxZoom: 16 });
  if (picks) choosing(figure, map, pins);
}

/** Give a label as text, whatever it holds. */
function plain(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder;
}

/** Let a tap, Enter (for the middle) or the device's own place set the form's `lat` and `lon`. */
function choosing(figure, map, pins) {
  const { lat, lon, town_block_id: block } = figure.closest("form").elements;
  const perDegree = 2 ** (Number(figure.dataset.pick) - 8); // mesh levels by their digits
  const [rows, columns] = [120 * perDegree, 80 * perDegree];
  const legend = figure.querySelector("[data-legend]");
  let marks;
  const choose = (point) => {
    lat.value = point.lat.toFixed(6);
    lon.value = point.lng.toFixed(6);
    const [row, column] = [Math.floor(point.lat * rows), Math.floor(point.lng * columns)];
    const cell = [[row / rows, column / columns], [(row + 1) / rows, (column + 1) / columns]];
    marks?.remove();
    marks = L.featureGroup([
      L.rectangle(cell, { className: `cell shade-${CHOSEN} here`, interactive: false }),
      L.circleMarker(point, { className: "pin", radius: 9, interactive: false }),
    ]).addTo(map);
    if (legend) legend.hidden = false;
    figure.dispatchEvent(new Event("change", { bubbles: true }));
  };
  map.on("click", ({ latlng }) => choose(latlng));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    choose(map.getCenter());
  });
  if (lat.value && lon.value) {
    choose(L.latLng(Number(lat.value), Number(lon.value)));
    if ("tiles" in figure.dataset) map.setView([lat.value, lon.value], 16);
  }
  // Another town block: a place chosen in the one before it counts no more.
  block?.addEventListener("change", () => {
    lat.value = lon.value = "";
    marks?.remove();
    if (legend) legend.hidden = true;
    const pin = pins.find(([, , label]) => label === block.selectedOptions[0].text);
    if (pin) map.setView(pin.slice(0, 2), 16);
  });
  const button = figure.closest("form").querySelector("[data-locate]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const here = L.latLng(coords.latitude, coords.longitude);
      choose(here);
      map.setView(here, 17);
    }));
}
