// Shows at once what others will see of what is typed: <span data-shows="name"> follows the field of that name.
for (const shown of document.querySelectorAll("[data-shows], [data-shows-first]")) {
  const first = shown.dataset.showsFirst;
  const field = shown.closest("form").elements[first ?? shown.dataset.shows];
  field?.addEventListener("input", () => {
    const text = field.value.trim() || (shown.dataset.empty ?? "");
    shown.textContent = first ? [...text].slice(0, 1).join("") : text;
  });
}
