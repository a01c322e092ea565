import type { ReactNode } from 'react';
import type { DatasetId, RunId } from '../../../src-main/shared/ids';
import { assertNever } from '../../../src-main/shared/result';
import type { Route } from '../../state/router';
import { ComparePage } from '../compare/compare-page';
import { DatasetPage } from '../datasets/dataset-page';
import { DatasetsPage } from '../datasets/datasets-page';
import { ExportPage } from '../export/export-page';
import { RunPage } from '../live/run-page';
import { ModelsPage } from '../models/models-page';
import { RunsPage } from '../runs/runs-page';
import { SettingsPage } from '../settings/settings-page';
import { StartPage } from '../start/start-page';
import { WizardPage } from '../wizard/wizard-page';

/** Addresses hold plain text; here they become ids. Main answers `not-found` for one that is none. */
export function Pages({ route }: { readonly route: Route }): ReactNode {
  switch (route.page) {
    case 'start':
      return <StartPage />;
    case 'datasets':
      return <DatasetsPage />;
    case 'dataset':
      return <DatasetPage id={route.id as DatasetId} tab={route.tab} />;
    case 'models':
      return <ModelsPage />;
    case 'new-run':
      return <WizardPage />;
    case 'runs':
      return <RunsPage />;
    case 'run':
      return <RunPage key={route.id} id={route.id as RunId} />;
    case 'compare':
      return <ComparePage ids={route.ids as readonly RunId[]} />;
    case 'export':
      return <ExportPage key={route.id} id={route.id as RunId} />;
    case 'settings':
      return <SettingsPage />;
    default:
      return assertNever(route);
  }
}
