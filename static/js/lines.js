/* Several lines in the first field of a row, pasted as a rule, become a row each when staff say so. A field of one line
   does not keep the lines of what is pasted, so they are noted as they come. The server takes markers of lists away,
   but those with which a single text may begin: they go here, where each line has one. */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

/** @type {WeakMap<Field, string>} */
const pasted = new WeakMap()
/** @param {string} text */
const linesOf = (text) => text.split(/[\r\n\u2028\u2029]+/).map((line) => line.trim()).filter(Boolean)
/** @param {Field} field */
const heldIn = (field) => linesOf(field instanceof HTMLTextAreaElement ? field.value : (pasted.get(field) ?? ""))
const MARKER = /^[*+o§]\s+/
/** @param {string[]} lines */
const unmarked = (lines) => (lines.every((line) => MARKER.test(line)) ? lines.map((line) => line.replace(MARKER, "")) : lines)
/** @param {Field} field */
const offerOf = (field) => document.getElementById(`${field.id}_lines`)

/** @param {Field} field @param {string} text */
function fill(field, text) {
  field.value = text
  field.dispatchEvent(new Event("input", { bubbles: true }))
}

/** Put the first line into this row, and each other one into a new row below. @param {Field} field */
function divide(field) {
  const [first, ...others] = unmarked(heldIn(field))
  const group = /** @type {HTMLElement} */ (field.closest(".ordered"))
  const link = /** @type {HTMLElement} */ (group.querySelector(".add-row a"))
  let row = /** @type {Element} */ (field.closest(".inline-related"))
  pasted.delete(field)
  fill(field, first)
  for (const line of others) {
    link.click()
    const added = /** @type {Element} */ (group.querySelector(".empty-form")?.previousElementSibling)
    row.after(added)
    row = added
    fill(/** @type {Field} */ (added.querySelector("[data-lines]")), line)
  }
  group.dispatchEvent(new Event("rows:divided", { bubbles: true }))
  field.focus()
}

/** @param {Field} field */
function offer(field) {
  const count = heldIn(field).length
  const link = field.closest(".ordered")?.querySelector(".add-row a")
  if (count < 2 || !link) return offerOf(field)?.remove()
  const button = /** @type {HTMLButtonElement} */ (offerOf(field) ?? document.createElement("button"))
  const textContent = `Make ${count} rows of these ${count} lines`
  Object.assign(button, { id: `${field.id}_lines`, type: "button", className: "button lines", textContent })
  button.onclick = () => divide(field)
  if (!button.isConnected) field.after(button)
}

document.addEventListener("paste", (event) => {
  const field = /** @type {Field} */ (event.target)
  if (!field.matches(".ordered input[data-lines]")) return
  const [start, end] = [field.selectionStart ?? 0, field.selectionEnd ?? 0]
  const text = event.clipboardData?.getData("text/plain") ?? ""
  pasted.set(field, field.value.slice(0, start) + text + field.value.slice(end))
})
document.addEventListener("input", (event) => {
  const field = /** @type {Field} */ (event.target)
  if (!field.matches(".ordered [data-lines]")) return
  if (/** @type {InputEvent} */ (event).inputType !== "insertFromPaste") pasted.delete(field)
  offer(field)
})
for (const field of document.querySelectorAll(".ordered textarea[data-lines]")) offer(/** @type {Field} */ (field))
