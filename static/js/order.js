/* Order by mouse and keyboard: rows in a form, saved or new, which are numbered as they stand, and rows in a list.
   Django's inlines.js adds and removes a form's rows. The row that moves stays where it is in the document and its
   neighbours go round it, so that it keeps the focus and the pointer. */

const ROW = ".inline-related:not(.empty-form)"
const live = document.createElement("div")
live.className = "visually-hidden"
live.role = "status"

const say = (text) => (live.textContent = text)
const groupOf = (element) => element.closest(".ordered")
const rowOf = (element) => element.closest(".ordered .inline-related")
const rowsOf = (group) => [...group.querySelectorAll(ROW)]
const positionOf = (row) => row.querySelector("input[name$='-position']")
const isKept = (row) => !row.querySelector("input[name$='-DELETE']:checked")
const keptOf = (group) => rowsOf(group).filter(isKept)
const indexOf = (row) => Number(row.id.match(/\d+$/)[0])
const capitalised = (text) => text[0].toUpperCase() + text.slice(1)
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/* Put rows into an order; those that already stand right are not touched. */
function arrange(rows) {
  rows.slice(1).forEach((row, n) => row.previousElementSibling === rows[n] || rows[n].after(row))
}

/* Show the rows as their numbers say, which is how they stood when a form with a mistake was sent. */
function sort(group) {
  const rows = rowsOf(group)
  if (!rows.every(positionOf)) return
  const place = new Map(rows.map((row) => [row, positionOf(row).value === "" ? Infinity : Number(positionOf(row).value)]))
  arrange(rows.toSorted((a, b) => (place.get(a) === place.get(b) ? 0 : place.get(a) - place.get(b))))
}

/* Number the rows as they stand, unless their numbers say so already. */
function number(group) {
  const fields = keptOf(group).map(positionOf).filter(Boolean)
  const isRight = fields.every(({ value }, n) => value && (!n || Number(value) > Number(fields[n - 1].value)))
  if (!isRight) fields.forEach((field, n) => (field.value = n + 1))
}

/* Tell in words what the rows are: the title of each, the names of its buttons, how many there are. */
function label(group) {
  const kept = keptOf(group)
  for (const row of rowsOf(group)) {
    const title = row.querySelector(".ordered__title")
    const typed = row.querySelector("details :is(input[type=text], textarea)")?.value.trim()
    if (typed) title.textContent = typed
    const name = shortened(title.textContent)
    for (const button of row.querySelectorAll(".move")) {
      const isUp = button.dataset.step < 0
      button.ariaLabel = `Move “${name}” ${isUp ? "up" : "down"}`
      button.ariaDisabled = String(row === kept.at(isUp ? 0 : -1))
    }
    row.querySelector("input[name$='-DELETE']")?.setAttribute("aria-label", `Delete “${name}”`)
    row.querySelector(".inline-deletelink")?.setAttribute("aria-label", `Remove “${name}”`)
  }
  group.querySelector(".ordered__count").textContent = kept.length
}

function refresh(group) {
  number(group)
  label(group)
}

function tellPlace(row) {
  const kept = keptOf(groupOf(row))
  say(`${capitalised(groupOf(row).dataset.name)} moved to place ${kept.indexOf(row) + 1} of ${kept.length}`)
}

/* Move a row past its next neighbour that is kept. */
function step(row, by) {
  const rows = rowsOf(groupOf(row))
  const others = by < 0 ? rows.slice(0, rows.indexOf(row)).reverse() : rows.slice(rows.indexOf(row) + 1)
  const count = others.findIndex(isKept) + 1
  if (by < 0) row.after(...others.slice(0, count).reverse())
  else row.before(...others.slice(0, count))
  return count > 0
}

function drag(handle, { pointerId }) {
  const row = rowOf(handle)
  const before = rowsOf(groupOf(row)).indexOf(row)
  const follow = ({ clientY: y, movementY: way }) => {
    if (y < 70 && way < 0) scrollBy(0, -20)
    if (y > innerHeight - 70 && way > 0) scrollBy(0, 20)
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2
    const rows = rowsOf(groupOf(row))
    const at = rows.indexOf(row)
    rows.slice(0, at).reverse().filter((other) => y < middle(other)).forEach((other) => row.after(other))
    rows.slice(at + 1).filter((other) => y > middle(other)).forEach((other) => row.before(other))
  }
  handle.setPointerCapture(pointerId)
  row.classList.add("is-moving")
  handle.addEventListener("pointermove", follow)
  handle.addEventListener("lostpointercapture", () => {
    handle.removeEventListener("pointermove", follow)
    row.classList.remove("is-moving")
    if (rowsOf(groupOf(row)).indexOf(row) === before) return
    refresh(groupOf(row))
    tellPlace(row)
  }, { once: true })
}

/* Send a list's button and show the list that comes back, with the same button in focus. */
async function moveInList(button) {
  try {
    const response = await fetch(button.formAction, { method: "POST", body: new FormData(button.form, button) })
    const page = new DOMParser().parseFromString(await response.text(), "text/html")
    const list = page.querySelector("#result_list")
    if (!response.ok || !list) throw new Error(response.status) // without the list it is the login
    document.querySelector("#result_list").replaceWith(list)
    document.getElementById(button.id)?.focus()
    say(page.querySelector(".messagelist")?.textContent.trim() ?? "")
  } catch {
    location.reload()
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(".ordered .move")
  if (!button) return
  if (step(rowOf(button), button.dataset.step)) refresh(groupOf(button))
  button.focus()
  tellPlace(rowOf(button))
})
document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches(".ordered__handle") || event.button) return
  event.preventDefault()
  drag(event.target, event)
})
document.addEventListener("input", ({ target }) => groupOf(target) && label(groupOf(target)))
document.addEventListener("change", ({ target }) => target.matches(".ordered [name$='-DELETE']") && refresh(groupOf(target)))
document.addEventListener("rows:filled", ({ target }) => {
  sort(target)
  label(target)
})
document.addEventListener("formset:added", ({ target }) => {
  if (!groupOf(target)) return
  refresh(groupOf(target))
  target.querySelector("details :is(input:not([type=hidden]), textarea, select)").focus()
})
/* inlines.js now gives the rows their indexes anew, in the order of the document. A saved row must keep its own, so
   it finds them in that order, and they return to their places before anything is painted. */
document.addEventListener("formset:removed", ({ detail }) => {
  const group = document.getElementById(`${detail.formsetName}-group`)
  if (!group.matches(".ordered")) return
  const shown = rowsOf(group)
  arrange(shown.toSorted((a, b) => indexOf(a) - indexOf(b)))
  queueMicrotask(() => {
    arrange(shown)
    refresh(group)
    group.querySelector(".add-row a").focus()
    say(`${capitalised(group.dataset.name)} removed`)
  })
})
document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("#changelist-form .move")) {
    event.preventDefault()
    moveInList(event.submitter)
  } else event.target.querySelectorAll(".ordered").forEach(number)
})
/* A link to a part opens it. */
document.addEventListener("click", ({ target }) => {
  const part = target.closest("a[href$='-group']")
  if (part) document.querySelector(`${part.hash} > fieldset > details`).open = true
})

document.querySelector("main")?.append(live)
for (const group of document.querySelectorAll(".ordered")) {
  sort(group)
  label(group)
}
