// What a programmer writes with the generated types. It is compiled strictly, and run against a live service.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Answer = components["schemas"]["SearchAnswer"];

const client = createClient<paths>({ baseUrl: process.argv[2]! });

async function search(query: NonNullable<paths["/api/v1/search"]["get"]["parameters"]["query"]>): Promise<Answer> {
  const { data, error } = await client.GET("/api/v1/search", { params: { query } });
  if (!data) throw new Error(error.detail);
  return data;
}

const ids = (answer: Answer) => answer.results.map((hit) => hit.id).sort();

function counts(answer: Answer): Record<string, number> {
  const found: Record<string, number> = {};
  for (const facet of answer.facets) {
    const name = facet.kind === "values" ? facet.field : facet.unit;
    for (const each of facet.values) found[`${name} ${each.value}`] = each.count;
  }
  return found;
}

const long = await client.POST("/api/v1/search", { body: { q: "tea", filter: ["geo\\:lat:54"], per_page: 5 } });
const wrong = await client.GET("/api/v1/search", { params: { query: { filter: ["paegs:7"] } } });
const article = await client.GET("/api/v1/articles/{id}", { params: { path: { id: "a/1" }, query: { q: "tea" } } });
const bare = await search({ q: "tea", fields: ["date"], snippets: 0, highlight: "spans", facet: ["none"] });
const written = await client.GET("/search.csv", { params: { query: { section: ["Food"] } }, parseAs: "text" });

console.log(
  JSON.stringify({
    core: ids(await search({ section: ["Food", "Sport"] })),
    own: ids(await search({ filter: ["mood:calm"] })),
    without: ids(await search({ filter: ["-mood:calm"] })),
    range: ids(await search({ filter: ["pages:8..12"] })),
    posted: long.data?.results.map((hit) => hit.id),
    counts: counts(await search({ q: "tea", facet: ["mood", "date"] })),
    hint: wrong.error?.hint,
    status: wrong.error?.status,
    spans: article.data?.highlight?.body_spans,
    members: Object.keys(bare.results[0]!),
    lines: written.data?.trim().split("\n").length,
  }),
);
