import { Injectable, type PipeTransform } from '@nestjs/common';

import { InvalidRequest } from '../../platform/http/request.problems.js';
import { ROLES, type Role } from '../../virtual-numbers/role.js';

/** Reads a role in a path. @throws InvalidRequest */
@Injectable()
export class RolePipe implements PipeTransform<string, Role> {
  transform(text: string): Role {
    const role = ROLES.find((known) => known === text);
    if (role === undefined) throw new InvalidRequest([`the role in the path must be one of ${ROLES.join(', ')}`]);
    return role;
  }
}
