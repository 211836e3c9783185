/* "Save and continue editing" leads back to the same place of the page, with the same parts and rows open.
   Noted when the form is sent, used once and only if it was saved. Rows are known by their order, as new ones have
   no key when they are sent. */

const NOTE = "place"
// The last lines ask whether there is one.
const form = /** @type {HTMLFormElement} */ (document.querySelector("#content-main > form"))
const parts = () => [.../** @type {NodeListOf<HTMLDetailsElement>} */ (form.querySelectorAll(".ordered__part"))]
const top = () => form.getBoundingClientRect().top

/** The text field that tells whether a row is filled in. @param {Element} row @returns {HTMLInputElement | null} */
const textOf = (row) => row.querySelector("details :is(input[type=text], textarea)")
/** What of a row folds. @param {Element} row */
const foldOf = (row) => /** @type {HTMLDetailsElement} */ (row.querySelector(".ordered__row"))

/** The rows of a part that are there once it is saved: filled in and not marked for deletion. @param {Element} part */
function rowsOf(part) {
  /** @param {Element} row */
  const isFilled = (row) => row.matches(".has_original") || textOf(row)?.value
  /** @param {Element} row */
  const isKept = (row) => !row.querySelector("[name$='-DELETE']:checked")
  return [...part.querySelectorAll(".inline-related:not(.empty-form)")].filter((row) => isFilled(row) && isKept(row))
}

/** @param {SubmitEvent} event */
function note({ submitter }) {
  if (/** @type {HTMLButtonElement | null} */ (submitter)?.name !== "_continue") return
  const open = parts().map((part) => part.open && rowsOf(part).map((row) => foldOf(row).open))
  sessionStorage.setItem(NOTE, JSON.stringify({ path: location.pathname, form: form.id, top: top(), open }))
}

function restore() {
  const noted = JSON.parse(sessionStorage.getItem(NOTE) ?? "null")
  sessionStorage.removeItem(NOTE)
  const isHere = noted?.form === form.id && (noted.path === location.pathname || noted.path.endsWith("/add/"))
  if (!isHere || !document.querySelector(".messagelist .success")) return
  parts().forEach((part, n) => {
    part.open = Boolean(noted.open[n])
    if (!part.open) return
    for (const [m, row] of rowsOf(part).entries()) foldOf(row).open = Boolean(noted.open[n][m])
  })
  history.scrollRestoration = "manual"
  scrollBy({ top: top() - noted.top, behavior: "instant" })
}

if (form) {
  addEventListener("load", restore)
  form.addEventListener("submit", note)
}
