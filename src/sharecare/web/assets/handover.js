// A scanned code opens this page with the digits behind the #, where no server sees them: they go into their field.
const said = /^#(?:start|finish)-(\d{6})$/.exec(location.hash);
const field = document.getElementById("pin");
if (said && field) {
  field.value = said[1];
  history.replaceState(null, "", location.pathname);
}
