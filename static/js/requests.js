// What every htmx request needs: the CSRF token, and plain words when the answer is not a fragment (a login, a crash, no network).
// Answers that belong in the page are 2xx, and 400, 409 or 422 for a form that comes back with its errors.
const FRAGMENTS = new Set([400, 409, 422]);

function trouble() {
  const notice = document.getElementById("trouble");
  if (notice) notice.hidden = false;
}

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx.request;
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  if (raw.redirected && new URL(raw.url).pathname.startsWith("/account/")) {
    event.preventDefault();
    location.assign(raw.url);
  } else if (status >= 400 && !FRAGMENTS.has(status)) {
    event.preventDefault();
    trouble();
  }
});

document.addEventListener("htmx:error", trouble);
