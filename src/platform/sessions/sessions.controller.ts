import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiProblem } from '../http/api-problem.js';
import { Authentication } from '../http/authentication/authentication.js';
import { RequestedBy, type KeyPrincipal } from '../http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope, OpenToAnybody } from '../http/authentication/route-access.js';
import { isFromOwnPage } from '../http/authentication/same-origin.js';
import { SCOPES, type Scope } from '../http/authentication/scopes.js';
import { deleteSessionCookie, sessionTokenIn, setSessionCookie } from '../http/authentication/session-cookie.js';
import { ForeignOrigin, LinkNotValid, SessionEnded } from '../http/authentication/session.problems.js';
import { SESSION_SECONDS, StoredSessions } from '../http/authentication/stored-sessions.js';
import { InvalidRequest, MissingKey, TooManyWrongKeys } from '../http/request.problems.js';
import { SessionResponse, SignInRequest } from './sessions.dto.js';
import { SignInLinks } from './sign-in-links.js';

const ANY_SCOPE = SCOPES as unknown as [Scope, ...Scope[]];
const THIS_MACHINE = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

@ApiTags('keys')
@Controller('v1/session')
export class SessionsController {
  constructor(
    private readonly authentication: Authentication,
    private readonly sessions: StoredSessions,
    private readonly links: SignInLinks,
  ) {}

  @Post()
  @OpenToAnybody()
  @ApiOperation({
    operationId: 'signIn',
    summary: 'Sign in: exchange an API key for a session of the console',
    description:
      'The session is a cookie for browsers, lasts 12 hours, and may do what the key may. It ends when you sign out, and when the key is revoked or expires.',
  })
  @ApiCreatedResponse({ type: SessionResponse })
  @ApiProblem(InvalidRequest, MissingKey, TooManyWrongKeys, ForeignOrigin, LinkNotValid)
  async signIn(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { key, link }: SignInRequest,
  ): Promise<SessionResponse> {
    if (isFromOwnPage(request) === false) throw new ForeignOrigin();
    const used = key ?? this.keyOfLink(link!, request);
    const { by, token, expiresAt } = await this.authentication.signIn(used, request, reply);
    setSessionCookie(request, reply, token, SESSION_SECONDS);
    return SessionResponse.from(by, expiresAt);
  }

  @Get()
  @NeedsScope(...ANY_SCOPE)
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'getSession', summary: 'Show which key this request is made with, and what it may do' })
  @ApiOkResponse({ type: SessionResponse })
  @ApiProblem(MissingKey, SessionEnded)
  current(@RequestedBy() by: KeyPrincipal): SessionResponse {
    return SessionResponse.from(by, by.session?.until ?? null);
  }

  @Delete()
  @NeedsScope(...ANY_SCOPE)
  @ForKeysOfPools()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'signOut',
    summary: 'Sign out: end the session',
    description: 'Every process refuses it within 5 s.',
  })
  @ApiNoContentResponse()
  @ApiProblem(MissingKey, SessionEnded)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const token = sessionTokenIn(request);
    if (token !== null) await this.sessions.end(token);
    deleteSessionCookie(request, reply);
  }

  /** A request that came through a proxy is not taken for one from this machine. @throws LinkNotValid */
  private keyOfLink(link: string, { headers, socket }: FastifyRequest): string {
    const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
    const isFromHere = !isForwarded && THIS_MACHINE.test(socket.remoteAddress ?? '');
    const key = isFromHere ? this.links.use(link) : null;
    if (key === null) throw new LinkNotValid();
    return key;
  }
}
