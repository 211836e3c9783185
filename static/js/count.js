/* Counts what is typed into a field that holds so many characters and no more. Nothing is cut: what is too long is
   refused beside its field, whole (publishing/staff/fields.py). The count is shown once half of the room is used. */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const live = document.createElement("div")
live.className = "visually-hidden"
live.role = "status"

/** @param {number} count */
const inWords = (count) => count.toLocaleString("en-US")

/** The line below a field that tells its count. @param {Field} field */
function lineOf(field) {
  const id = `${field.id}_count`
  const found = document.getElementById(id)
  if (found) return found
  const line = Object.assign(document.createElement("p"), { id, className: "count" })
  field.after(line)
  const described = field.getAttribute("aria-describedby")
  field.setAttribute("aria-describedby", described ? `${described} ${id}` : id)
  return line
}

/** @param {Field} field */
function count(field) {
  const longest = Number(field.dataset.longest)
  const length = [...field.value.trim()].length
  if (length * 2 < longest && !document.getElementById(`${field.id}_count`)) return
  const line = lineOf(field)
  const over = length - longest
  const tooMany = over > 0 ? `: ${inWords(over)} too many` : ""
  line.hidden = length * 2 < longest
  line.textContent = `${inWords(length)} of ${inWords(longest)} characters${tooMany}`
  if (line.classList.contains("count--over") === over > 0) return
  line.classList.toggle("count--over", over > 0)
  live.textContent = over > 0 ? `This text is too long: at most ${inWords(longest)} characters fit.` : "The text fits again."
}

document.addEventListener("input", ({ target }) => {
  const field = /** @type {Field} */ (target)
  if (field.dataset.longest) count(field)
})
document.querySelector("main")?.append(live)
for (const field of /** @type {NodeListOf<Field>} */ (document.querySelectorAll("[data-longest]"))) count(field)
