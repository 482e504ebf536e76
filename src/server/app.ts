/** @file All routes put together: the guard, the API with its OpenAPI document, and the page. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ServeStaticOptions, serveStatic } from "@hono/node-server/serve-static";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { expectation } from "../formats/issue-text.ts";
import { showName } from "../formats/show-name.ts";
import type { ServerContext } from "./context.ts";
import { failureOf, HttpFailure } from "./failure.ts";
import { guard } from "./guard.ts";
import { addFeatureRoutes } from "./routes/feature-routes.ts";
import { addLiveRoute } from "./routes/live-route.ts";
import { addRunRoutes } from "./routes/run-routes.ts";

/** The largest body: a prompt. */
const MOST_BODY_BYTES = 2 ** 17;

const DESCRIPTION =
  "Everything that the page of `concord serve` shows. Names of runs are paths below the served folder.";

/** The HTTP application of a server. */
export function makeApp(context: ServerContext): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (result.success) return;
      const [issue] = result.error.issues;
      const where = issue?.path.map(String).join(".") || "the request";
      throw new HttpFailure(
        400,
        "request/invalid",
        `${where}: expected ${(issue && expectation(issue)) ?? "something else"}.`,
        "GET /api/openapi.json says what each route takes.",
      );
    },
  });
  app.onError((error, c) => {
    const { status, body, isKnown } = failureOf(error);
    if (!isKnown) context.onDefect(error);
    return c.json(body, status);
  });
  app.use(guard);
  app.use(
    "/api/*",
    bodyLimit({
      maxSize: MOST_BODY_BYTES,
      onError() {
        const rule = `Expected a body of at most ${MOST_BODY_BYTES} bytes.`;
        throw new HttpFailure(413, "request/invalid", rule);
      },
    }),
  );
  app.use("/api/*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  addRunRoutes(app, context);
  addFeatureRoutes(app, context);
  addLiveRoute(app, context);
  app.doc31("/api/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Concord", version: context.version, description: DESCRIPTION },
  });
  addPage(app, context);
  app.notFound((c) => {
    const what = `There is no ${c.req.method} ${showName(c.req.path)}.`;
    const failure = new HttpFailure(404, "route/unknown", what, "GET /api/openapi.json lists all.");
    return c.json(failureOf(failure).body, 404);
  });
  return app;
}

/** The built page: `/` and what it loads. It may be built while the server runs. */
function addPage(app: OpenAPIHono, { pageFolder }: ServerContext): void {
  const index = join(pageFolder, "index.html");
  const fromPage = (options: ServeStaticOptions): MiddlewareHandler => {
    let serve: MiddlewareHandler | undefined;
    return async (c, next) => {
      if (!existsSync(index))
        throw new HttpFailure(
          404,
          "page/missing",
          `The page was not built: there is no ${index}.`,
          "Build it with npm run build. The API is there all the same: GET /api/openapi.json.",
        );
      serve ??= serveStatic({ ...options, root: pageFolder });
      return serve(c, next);
    };
  };
  app.get("/", fromPage({ path: "index.html" }));
  // The names of assets hold a digest of what is in them.
  const forever = "public, max-age=31536000, immutable";
  app.get("/assets/*", fromPage({ onFound: (_, c) => c.header("Cache-Control", forever) }));
  app.get("/:file{[\\w-]+\\.(?:svg|png|ico|webmanifest)}", fromPage({}));
}
