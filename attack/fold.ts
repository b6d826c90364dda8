/** Lower case, and every character outside `a-z 0-9` as `-`: how CGI, WSGI and their kin read a header's name. */
export function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}
