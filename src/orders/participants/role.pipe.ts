import { Injectable, type PipeTransform } from '@nestjs/common';

import { InvalidRequest } from '../../platform/http/request.problems.js';
import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';

/** Reads a role in a path. @throws InvalidRequest */
@Injectable()
export class RolePipe implements PipeTransform<string, Role> {
  transform(text: string): Role {
    if (!ROLE.test(text)) throw new InvalidRequest([`the role in the path must be ${ROLE_FORM}`]);
    return text;
  }
}
