/* A link of the summary of errors unfolds what its field is in and gives it the focus. Without this script a browser
   leads to it as to any other place; an editor's field, which is hidden, needs it. */

const FIELDS = "[contenteditable=true], input:not([type=hidden]), select, textarea, summary"

/** What can have the focus: the element itself, else the first such one in it, else in the row around it.
    @param {HTMLElement} target @returns {HTMLElement | null | undefined} */
function fieldAt(target) {
  if (target.matches(FIELDS) && target.checkVisibility()) return target
  return target.querySelector(FIELDS) ?? target.closest(".form-row")?.querySelector(FIELDS)
}

document.querySelector(".error-summary")?.addEventListener("click", (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest("a")
  const target = link && document.getElementById(link.hash.slice(1))
  if (!target) return
  for (let around = target.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true
  }
  const field = fieldAt(target)
  if (!field) return
  event.preventDefault()
  field.focus({ preventScroll: true })
  const row = /** @type {HTMLElement} */ (field.closest(".form-row") ?? field)
  row.scrollIntoView({ block: "center" })
})
