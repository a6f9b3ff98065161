/** The types of `_repository.mjs`. */

export declare const variable: string;

/** The fields of package.json that say where the repository is. */
export interface RepositoryFields {
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string };
}

export declare function repositoryFields(address: string): RepositoryFields;
export declare function withRepository(manifest: string, address: string): string;
