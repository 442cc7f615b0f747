import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';

import { ApiProblem } from '../api-problem.js';
import { OpenToAnybody } from '../authentication/route-access.js';
import { PROBLEM_TEXTS } from '../problem-texts.js';
import { EndpointNotFound } from '../request.problems.js';

/** The pages that the `type` of a problem leads to. */
@ApiTags('problems')
@Controller('problems')
export class ProblemsController {
  @Get(':slug')
  @OpenToAnybody()
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOperation({ operationId: 'explainProblem', summary: 'Read what a problem means and what to do about it' })
  @ApiParam({ name: 'slug', example: 'order-not-found', description: 'The last part of the `type` of a problem' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: pageOf('order-not-found') } })
  @ApiProblem(EndpointNotFound)
  explain(@Param('slug') slug: string): string {
    const page = pageOf(slug);
    if (page === null) throw new EndpointNotFound();
    return page;
  }
}

function pageOf(slug: string): string | null {
  const text = PROBLEM_TEXTS.get(slug);
  return text ? `${slug}\n\nStatus: ${text.status}\nWhen: ${text.when}\nWhat to do: ${text.whatToDo}\n` : null;
}
