// What Grafana stores of a dashboard that is made of the kinds of panels that we use: its own
// published types, put together. They leave a panel's options open; here each kind has its own.
import type { AnnotationQuery, Dashboard, DataSourceRef, Panel, RowPanel } from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts";
import type * as gauge from "@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen.d.ts";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type * as statetimeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type * as text from "@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen.d.ts";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

// The query of a Prometheus source; the package of types leaves queries to their plugins.
export interface PrometheusQuery {
  refId: string;
  expr: string;
  datasource?: DataSourceRef;
  instant?: boolean;
  range?: boolean;
  format?: "time_series" | "table" | "heatmap";
  legendFormat?: string;
  interval?: string;
}
export interface Kind<T extends string, O, C> extends Omit<Panel, "type" | "options" | "fieldConfig" | "targets"> {
  type: T; id: number; options?: O; targets?: PrometheusQuery[];
  fieldConfig?: Omit<NonNullable<Panel["fieldConfig"]>, "defaults"> & {
    defaults: Omit<NonNullable<Panel["fieldConfig"]>["defaults"], "custom"> & { custom?: C };
  };
}
export type None = Record<string, never>;
export type AnyPanel =
  | Kind<"bargauge", Partial<bargauge.Options>, None>
  | Kind<"gauge", Partial<gauge.Options>, None>
  | Kind<"stat", Partial<stat.Options>, None>
  | Kind<"state-timeline", Partial<statetimeline.Options>, Partial<statetimeline.FieldConfig>>
  | Kind<"table", Partial<table.Options>, Partial<table.FieldConfig>>
  | Kind<"text", text.Options, None>
  | Kind<"timeseries", Partial<timeseries.Options>, Partial<timeseries.FieldConfig>>;
export interface PrometheusAnnotation extends Omit<AnnotationQuery, "target"> {
  target?: PrometheusQuery; titleFormat?: string; textFormat?: string; tagKeys?: string;
}
export interface Board extends Omit<Dashboard, "panels" | "annotations"> {
  panels?: Array<AnyPanel | RowPanel>;
  annotations?: { list?: PrometheusAnnotation[] };
}
