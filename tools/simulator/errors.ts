/** An error response of the service. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(String(body.message ?? body.Message ?? code));
    this.name = code;
  }
}

/** The client receives no response. The call may or may not have taken effect. */
export class NoAnswerError extends Error {
  constructor() {
    super('Request did not complete: no answer from the service');
    this.name = 'TimeoutError';
  }
}

/** `lambda-microvms` and `lambda-core` format the same errors differently. */
export type ErrorDialect = 'microvms' | 'core';

/** The service always sends these members as null. */
const UNKNOWN_RESOURCE = { resourceId: null, resourceType: null };

export function validationError(message: string): ServiceError {
  return new ServiceError(400, 'ValidationException', { message });
}

export function serializationError(message: string): ServiceError {
  return new ServiceError(400, 'SerializationException', { Message: message });
}

export function notFound(message: string): ServiceError {
  return new ServiceError(404, 'ResourceNotFoundException', { message, ...UNKNOWN_RESOURCE });
}

export function conflict(message: string): ServiceError {
  return new ServiceError(409, 'ConflictException', { message, ...UNKNOWN_RESOURCE });
}

/** 402, with a quota code that is always null. */
export function quotaExceeded(message: string): ServiceError {
  return new ServiceError(402, 'ServiceQuotaExceededException', { message, ...UNKNOWN_RESOURCE, quotaCode: null, serviceCode: null });
}

/** Without a message if only an implied action, such as tagging at creation, was denied. */
export function accessDenied(message: string | null): ServiceError {
  return new ServiceError(403, 'AccessDeniedException', { Message: message });
}

export function unknownOperation(): ServiceError {
  return new ServiceError(404, 'UnknownOperationException', {});
}

export function throttled(dialect: ErrorDialect): ServiceError {
  const headers = { 'retry-after': '1' };
  return dialect === 'microvms'
    ? new ServiceError(429, 'ThrottlingException', { message: 'Rate exceeded', quotaCode: null, serviceCode: null }, headers)
    : new ServiceError(429, 'TooManyRequestsException', { Type: 'User', message: 'Rate exceeded', Reason: 'CallerRateLimitExceeded' }, headers);
}

export function internalError(dialect: ErrorDialect): ServiceError {
  return dialect === 'microvms'
    ? new ServiceError(500, 'InternalServerException', { message: 'Internal server error' })
    : new ServiceError(500, 'ServiceException', { Type: 'Service', Message: 'Internal server error' });
}

// Errors of lambda-core only.

export function invalidParameter(message: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterValueException', { Type: 'User', message });
}

export function resourceConflict(message: string): ServiceError {
  return new ServiceError(409, 'ResourceConflictException', { Type: 'User', message });
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError(404, 'ResourceNotFoundException', { Message: message });
}

export function connectorLimitExceeded(message: string): ServiceError {
  return new ServiceError(400, 'NetworkConnectorLimitExceededException', { Type: 'User', message });
}
