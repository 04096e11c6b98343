// What the patient's pages can do beside links and forms; each of them works without it.

// An answer is kept as soon as it is given, before the next question is asked for.
const form = document.querySelector("form[data-keeps]");
if (form) {
  const told = form.querySelector("[data-told]");
  let last = Promise.resolve();
  const keep = async () => {
    const fields = new URLSearchParams(new FormData(form));
    fields.append("keep", "yes");
    const answer = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
    if (answer?.ok) form.elements.draft.value = answer.headers.get("ischio-draft");
    told.textContent = answer?.headers.get("ischio-kept") === "yes" ? form.dataset.kept : "";
  };
  // One after the other: the first answer begins the draft, and the next ones belong to it.
  form.addEventListener("change", () => { last = last.then(keep); });
}

// A form that was sent is not sent twice by a second press.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent));
