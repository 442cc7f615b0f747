import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';

import { ApiProblem } from './api-problem.js';
import { ExpensiveWork } from './expensive-work.js';
import { Busy } from './request.problems.js';

@Injectable()
class ExpensiveInterceptor implements NestInterceptor {
  constructor(private readonly work: ExpensiveWork) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.work.run(async () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}

/**
 * Marks a request that costs the database much more than others. Only a few of them run at once, over all endpoints.
 */
export function Expensive(): MethodDecorator & ClassDecorator {
  return applyDecorators(UseInterceptors(ExpensiveInterceptor), ApiProblem(Busy));
}
