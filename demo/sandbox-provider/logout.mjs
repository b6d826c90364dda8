const button = document.querySelector('[data-submit]');
button?.form?.requestSubmit(button);
