import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';

import { ApiProblem } from './api-problem.js';
import { ExpensiveWork, SHARED_STATEMENTS, WHOLE_STATEMENTS, type Places } from './expensive-work.js';
import { Busy } from './request.problems.js';

function interceptor(places: Places): Type<NestInterceptor> {
  @Injectable()
  class ExpensiveInterceptor implements NestInterceptor {
    constructor(private readonly work: ExpensiveWork) {}

    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return from(this.work.run(places, async () => lastValueFrom(next.handle(), { defaultValue: undefined })));
    }
  }
  return ExpensiveInterceptor;
}

const WithWholeStatements = interceptor(WHOLE_STATEMENTS);
const WithSharedStatements = interceptor(SHARED_STATEMENTS);

/**
 * Marks a request that costs the database much more than others. Only a few of them run at once, over all endpoints.
 *
 * @param options.sharesStatements requests of this kind that run at the same time share each statement, so more of them
 *   run at once
 */
export function Expensive({ sharesStatements = false } = {}): MethodDecorator & ClassDecorator {
  return applyDecorators(
    UseInterceptors(sharesStatements ? WithSharedStatements : WithWholeStatements),
    ApiProblem(Busy),
  );
}
