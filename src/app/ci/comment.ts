/** What differs between the hosts of a comment: how they are asked, and where the comments of one request lie. */
export interface CommentHost {
  /** Headers with the right to write. */
  readonly headers: readonly string[];
  /** The address of the comments, in the shell's words; and what its list is asked for. */
  readonly comments: string;
  readonly query: string;
  /** Of a comment that is there: its address without its id, and how it is changed. */
  readonly comment: string;
  readonly change: "PATCH" | "PUT";
  /** In jq: which of the comments may be ours. */
  readonly ours: string;
  /** In jq: what is said in the end. */
  readonly shown: string;
  /** The comment's text, in the shell's words; its first line is the mark that it is found by. */
  readonly file: string;
}

/** Shell: one comment for each project, written anew by each run. */
export function commentScript({ headers, comments, query, comment, change, ours, shown, file }: CommentHost): string {
  return `comments="${comments}"
ask() {
  curl --fail-with-body --silent --show-error \\
    ${headers.map((header) => `--header "${header}"`).join(" ")} "$@"
}
file=${file}
jq --null-input --rawfile body "$file" '{body: $body}' > body.json
id=$(ask "$comments?${query}" | jq --raw-output --arg mark "$(head -n 1 "$file")" \\
  'map(select(${ours})) | first | .id // empty')
if [ -n "$id" ]; then
  ask --request ${change} --data @body.json "${comment}/$id" > answer.json
else
  ask --request POST --data @body.json "$comments" > answer.json
fi
jq --raw-output ${shown} answer.json`;
}
