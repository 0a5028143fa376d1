import { describe, expect, it } from "vitest";
import { pageOf, type Query } from "./page.ts";

const rows = Array.from({ length: 12 }, (_, i) => ({
  name: `Job-${i}`,
  status: i % 2 === 0 ? "Completed" : "Failed",
  created: new Date(i * 1000).toISOString(),
  modified: i * 2000,
}));
const names = (query: Query) => pageOf(rows, query, (row) => row).rows.map(({ name }) => name);

describe("a page", () => {
  it("has the ten newest, and a token for the rest", () => {
    const first = pageOf(rows, {}, (row) => row);
    expect(first.rows).toHaveLength(10);
    expect(first.rows[0]?.name).toBe("Job-11");
    const second = pageOf(rows, first.next, (row) => row);
    expect(second.rows.map(({ name }) => name)).toEqual(["Job-1", "Job-0"]);
    expect(second.next).toEqual({});
  });

  it("is filtered by name, status and both times, whose ends are not part of it", () => {
    expect(names({ NameContains: "job-1", SortOrder: "Ascending" })).toEqual(["Job-1", "Job-10", "Job-11"]);
    expect(names({ StatusEquals: "Failed" })).toHaveLength(6);
    expect(names({ CreationTimeAfter: new Date(3000), CreationTimeBefore: new Date(5000) })).toEqual(["Job-4"]);
    expect(names({ LastModifiedTimeAfter: new Date(18_000), LastModifiedTimeBefore: new Date(22_000) })).toEqual([
      "Job-10",
    ]);
  });

  it("is sorted by what was asked for", () => {
    expect(names({ SortBy: "Name", MaxResults: 2 })).toEqual(["Job-9", "Job-8"]);
    expect(names({ SortBy: "Status", SortOrder: "Ascending", MaxResults: 1 })).toEqual(["Job-0"]);
    expect(names({ SortBy: "CreationTime", SortOrder: "Ascending", MaxResults: 1 })).toEqual(["Job-0"]);
  });

  it("is not found by a token that no call gave", () => {
    for (const NextToken of ["10", "MTA", "!", ""]) {
      expect(() => names({ NextToken })).toThrow(/^Invalid pagination token because "/);
    }
  });
});
