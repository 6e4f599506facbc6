import { owner, type Service } from './names';
import type { ReleaseFiles } from './releaseFiles';
import { workflowFiles } from './workflows';

/** One change of a service: its commit message and the route it adds. */
interface Change {
  readonly message: string;
  readonly route: string;
}

/** Twelve changes each, in the order in which they were made. */
export const changes: Readonly<Record<Service, readonly Change[]>> = {
  backend: [
    { message: 'Answer on /healthz', route: '/healthz' },
    { message: 'List orders', route: '/orders' },
    { message: 'Show one order', route: '/orders/:id' },
    { message: 'Cancel an order', route: '/orders/:id/cancel' },
    { message: 'List customers', route: '/customers' },
    { message: 'Search customers by name', route: '/customers/search' },
    { message: 'Export orders as CSV', route: '/orders/export' },
    { message: 'Tell the stock of an article', route: '/articles/:id/stock' },
    { message: 'Reserve stock when an order comes in', route: '/articles/:id/reservations' },
    { message: 'Report latency per route', route: '/metrics' },
    { message: 'Accept vouchers', route: '/orders/:id/vouchers' },
    { message: 'Refund an order', route: '/orders/:id/refund' },
  ],
  frontend: [
    { message: 'Show a start page', route: '/' },
    { message: 'Show the list of orders', route: '/orders' },
    { message: 'Open an order from the list', route: '/orders/:id' },
    { message: 'Add a search field', route: '/search' },
    { message: 'Let customers sign in', route: '/sign-in' },
    { message: 'Remember the language', route: '/settings/language' },
    { message: 'Show stock beside the article', route: '/articles/:id' },
    { message: 'Ask before an order is cancelled', route: '/orders/:id/cancel' },
    { message: 'Make the tables usable with a keyboard', route: '/orders/table' },
    { message: 'Show when the page was last refreshed', route: '/status' },
    { message: 'Enter a voucher at checkout', route: '/checkout/voucher' },
    { message: 'Print an invoice', route: '/orders/:id/invoice' },
  ],
};

/** The service's repository when `changeCount` changes have been made. */
export function serviceFiles(service: Service, changeCount: number, release: ReleaseFiles): Map<string, string> {
  const routes = changes[service].slice(0, changeCount).map(({ route }) => `  '${route}',\n`);
  return new Map(
    Object.entries({
      ...workflowFiles(service),
      'README.md': `# ${service}

A service of the practice lab. Its images are built for develop and staging; production gets a copy of an image
that staging has tested, by the workflow \`promote-production.yml\`.
`,
      'package.json': `${JSON.stringify({ name: `@${owner}/${service}`, private: true, type: 'module', scripts: { start: 'node src/server.mjs' } }, undefined, 2)}\n`,
      Dockerfile: 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "src/server.mjs"]\n',
      'src/routes.mjs': `export const routes = [\n${routes.join('')}];\n`,
      'src/server.mjs': `import { createServer } from 'node:http';
import { routes } from './routes.mjs';

createServer((request, response) => {
  response.statusCode = routes.includes(request.url) ? 200 : 404;
  response.end();
}).listen(8080);
`,
      VERSION: release.version,
      'CHANGELOG.md': release.changelog,
    }),
  );
}
