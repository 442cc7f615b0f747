import { Problem } from '../problem.js';

export class SessionEnded extends Problem {
  static readonly kind = { slug: 'session-ended', status: 401, title: 'The session has ended' };
  constructor() {
    super(
      SessionEnded.kind,
      'The session has expired, was signed out, or its API key is not accepted any more. Sign in again with POST /v1/session.',
    );
  }
}

export class ForeignOrigin extends Problem {
  static readonly kind = { slug: 'foreign-origin', status: 403, title: 'The request comes from another site' };
  constructor() {
    super(
      ForeignOrigin.kind,
      'Requests with a session, and sign-ins by browsers, must come from a page of this installation. Use an API key elsewhere. If a proxy stands in front, it must pass the header Host on.',
    );
  }
}

export class LinkNotValid extends Problem {
  static readonly kind = { slug: 'link-not-valid', status: 410, title: 'The sign-in link is not valid any more' };
  constructor() {
    super(
      LinkNotValid.kind,
      'A link signs in once, within 10 minutes of the start, in a browser on the machine of the installation. Sign in with an API key instead, or restart to get another link.',
    );
  }
}
