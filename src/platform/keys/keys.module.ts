import { Module } from '@nestjs/common';

import { AuditModule } from '../audit/audit.module.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

/** API keys, besides those of API_KEY. */
@Module({ imports: [AuditModule], controllers: [KeysController], providers: [KeysService] })
export class KeysModule {}
