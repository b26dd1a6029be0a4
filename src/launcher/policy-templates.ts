import * as fs from 'fs';
import * as path from 'path';
import type { IPolicyValidationContext } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import { outermost } from '../private/stacks';
import type { TemplateObject } from '../private/template-text';
import { isObject, textOf } from '../private/template-text';

/** A template of a stack. */
export interface TemplateFile {
  readonly path: string;
  readonly resources: Readonly<Record<string, TemplateObject>>;
  readonly parameters: TemplateObject;
}

const CONNECTORS = [NETWORK_CONNECTOR_RESOURCE_TYPE, lambda.CfnNetworkConnector.CFN_RESOURCE_TYPE_NAME];

/** Reads the templates of the stacks, and of the stacks that are nested in them, which are assets of the app. */
export function templatesOf({ templatePaths, stackTemplates, appConstruct }: IPolicyValidationContext): TemplateFile[] {
  const nested = stackTemplates.flatMap(({ stackConstructPath, templatePath }) =>
    nestedIn(appConstruct, stackConstructPath).map(stack => path.join(path.dirname(templatePath), stack.templateFile)));
  return [...new Set([...templatePaths, ...nested])].map(templateIn);
}

function nestedIn(app: IConstruct, stackPath: string): Stack[] {
  return app.node.findAll().filter(construct => Stack.isStack(construct)).filter(stack => stack.nested && outermost(stack).node.path === stackPath);
}

function templateIn(file: string): TemplateFile {
  const { Resources: resources = {}, Parameters: parameters = {} } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { path: file, resources, parameters };
}

/** Returns the logical IDs of the network connectors that a template creates. */
export function connectorsIn({ resources }: TemplateFile): string[] {
  return Object.keys(resources).filter(id => CONNECTORS.includes(String(resources[id].Type)));
}

/**
 * Returns the retention of a log group; undefined if no template contains it.
 *
 * @param name a text of the template: `${LogicalId}` of the same template, or a literal name.
 */
export function retentionIn(template: TemplateFile, templates: TemplateFile[], name: string): { days: number } | undefined {
  const own = template.resources[/^\$\{(\w+)\}$/.exec(name)?.[1] ?? ''];
  const named = templates.flatMap(({ resources }) => Object.values(resources))
    .find(({ Properties: properties }) => isObject(properties) && textOf(properties.LogGroupName) === name);
  const found = [own, named].find(resource => resource?.Type === logs.CfnLogGroup.CFN_RESOURCE_TYPE_NAME);
  if (!found) return undefined;
  const days = isObject(found.Properties) ? found.Properties.RetentionInDays : undefined;
  return { days: days === undefined ? logs.RetentionDays.INFINITE : Number(days) };
}
