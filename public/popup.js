/**
 * Last page of a login in a popup: tells the window that opened it how the login ended, and closes. The browser delivers
 * the message only if that window is of the origin that the gateway has named; any other window learns nothing. Without
 * an opener the visitor goes on to the page that the login was for.
 */
(function () {
  'use strict';

  const outcome = document.getElementById('outcome');
  const { targetOrigin, message, returnTo } = outcome.dataset;

  if (window.opener) {
    window.opener.postMessage(JSON.parse(message), targetOrigin);
    window.close();
  } else if (returnTo) {
    window.location.replace(returnTo);
  }
})();
