import { Module } from '@nestjs/common';

import { SessionsController } from './sessions.controller.js';
import { SignInLinks } from './sign-in-links.js';

/** Sessions of the web console. */
@Module({ controllers: [SessionsController], providers: [SignInLinks], exports: [SignInLinks] })
export class SessionsModule {}
