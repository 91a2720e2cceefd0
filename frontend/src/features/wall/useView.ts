import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useChoice } from '@/browser/deviceChoice';
import { paths } from '@/browser/paths';
import { type View, layoutChoice, sizeChoice, sortChoice, viewOf, withChoice } from './view';

/** How the wall is looked at, and how to look at it otherwise. */
export function useView(): readonly [View, (news: Partial<View>) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const remembered = { layout: useChoice(layoutChoice), size: useChoice(sizeChoice), sort: useChoice(sortChoice) };
  const choose = useCallback(
    (news: Partial<View>) => {
      if (news.layout !== undefined) {
        layoutChoice.choose(news.layout);
      }
      if (news.size !== undefined) {
        sizeChoice.choose(news.size);
      }
      if (news.sort !== undefined) {
        sortChoice.choose(news.sort);
      }
      const chosen = withChoice(search, news);
      navigate(chosen === '' ? paths.wall : `${paths.wall}?${chosen}`, { replace: true });
    },
    [search, navigate],
  );
  return [viewOf(search, remembered), choose];
}
