import type { Texts } from './texts.ts';

/** English. */
export const english: Texts = {
  service: 'Secure chat',
  reference: 'If you contact us about this, please quote this reference:',
  actions: {
    logIn: 'Log in',
    alreadyLoggedIn: 'I am already logged in',
    tryAgain: 'Try again',
    goBack: 'Go back',
    goOn: 'Continue to the chat',
  },
  problems: {
    login_required: {
      title: 'Log in to open the chat',
      lead: 'This chat is for customers who are logged in. That way we know who we are talking to, and can safely help you with your own matters.',
      cure: 'Log in, and you will come straight to the chat.',
    },
    code_expired: {
      title: 'Please log in again',
      lead: 'Your login had expired by the time the chat was opened.',
      cure: 'Log in again, and you will come straight to the chat.',
    },
    return_to_refused: {
      title: 'We cannot send you back there',
      lead: 'The link asks us to send you on to an address that we do not know. For your safety we do not do that.',
      cure: 'Go back to the page you came from and open the chat from there.',
    },
    state_mismatch: {
      title: 'We do not recognise this login',
      lead: 'The login was started in another browser, your browser did not keep our cookies, or this page was opened a second time.',
      cure: 'Start again in this browser, and allow cookies.',
    },
    transaction_expired: {
      title: 'The login took too long',
      lead: 'For your safety, a login has to be completed within a few minutes.',
      cure: 'Please log in again.',
    },
    queue_ambiguous: {
      title: 'The link is unclear',
      lead: 'The link points to more than one chat, so we do not know which one you want.',
      cure: 'Go back and choose the chat again.',
    },
    path_ambiguous: {
      title: 'The address is not valid',
      lead: 'The address of this page contains characters that we cannot read safely.',
      cure: 'Check the address, or go back and open the chat again.',
    },
    request_malformed: {
      title: 'We did not understand the request',
      lead: 'Something in the address, or in what was sent, is incomplete or wrong.',
      cure: 'Go back and try again.',
    },
    queue_refused: {
      title: 'This chat does not exist',
      lead: 'The chat may have been closed, or may have moved to a new address.',
      cure: 'Go back and choose the chat again.',
    },
    identity_changed: {
      title: 'Another person is logged in',
      lead: 'The chat was opened by somebody other than the person who is now logged in in this browser.',
      cure: 'Close this chat and start a new one. If you share this device with others, log in again first.',
    },
    body_too_large: {
      title: 'What you sent is too large',
      lead: 'The file or message is larger than the chat accepts.',
      cure: 'Go back and send something smaller.',
    },
    rate_limited: {
      title: 'Too many logins',
      lead: 'There have been unusually many logins from your network.',
      cure: 'Wait a minute, then try again.',
    },
    provider_error: {
      title: 'The login did not work',
      lead: 'The login service gave us an answer that we cannot use.',
      cure: 'Try again. If it does not help, please contact us.',
    },
    upstream_unreachable: {
      title: 'The chat is not answering',
      lead: 'We cannot reach the chat right now.',
      cure: 'Please try again in a little while.',
    },
    provider_unavailable: {
      title: 'Login is not available',
      lead: 'We cannot reach the login service right now.',
      cure: 'Please try again in a little while.',
    },
    session_store_unavailable: {
      title: 'We have a technical problem',
      lead: 'We cannot check your login right now.',
      cure: 'Please try again in a little while.',
    },
    draining: {
      title: 'We are restarting',
      lead: 'The service is being updated and will be back shortly.',
      cure: 'Please try again in a few seconds.',
    },
    upstream_timeout: {
      title: 'The chat did not answer in time',
      lead: 'It took too long to get an answer from the chat.',
      cure: 'Please try again in a little while.',
    },
    not_found: {
      title: 'This page does not exist',
      lead: 'The address may be misspelt, or the page may have moved.',
      cure: 'Check the address, or go back.',
    },
    method_not_allowed: {
      title: 'This cannot be done here',
      lead: 'The page was opened in a way that it is not made for.',
      cure: 'Go back and try again.',
    },
    internal_error: {
      title: 'Something went wrong',
      lead: 'A fault on our side stopped the page from being shown.',
      cure: 'Please try again in a little while. If it does not help, please contact us.',
    },
  },
  authErrors: {
    login_required: 'You are not logged in at the moment.',
    interaction_required: 'You need to confirm something in the login before you can continue.',
    consent_required: 'You need to give your consent in the login before you can continue.',
    account_selection_required: 'You need to choose which user to log in with.',
    access_denied: 'The login was cancelled or was not approved.',
    provider_error: 'The login service could not complete the login.',
    code_expired: 'The login was not used in time.',
  },
  alreadyLoggedInHint:
    'Have you just logged in elsewhere in this browser? Then choose “I am already logged in”.',
  verified: {
    title: 'Your identity is confirmed',
    lead: 'You can close this window and go back to the chat.',
  },
  notVerified: {
    title: 'The login was not completed',
    lead: 'You can close this window and try again from the chat.',
  },
  loggedOut: {
    title: 'You are logged out of the chat',
    lead: 'The chat no longer knows who you are. You can close this window.',
  },
  closesItself: 'This window closes by itself. If it stays open, you can continue here.',
};
