const alertBox = document.querySelector('#alert');

/** Runs one action of the person; what goes wrong is shown, and read out, instead of lost. */
export function guard(action) {
  alertBox.hidden = true;
  action().catch((error) => {
    alertBox.textContent = error instanceof TypeError ? 'The server does not answer.' : error.message;
    alertBox.hidden = false;
  });
}
