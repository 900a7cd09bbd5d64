const tokenField = document.querySelector("#session-token");
const api = `${location.origin}/api/`;

window.SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/api/openapi.json",
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  filter: true,
  requestInterceptor(request) {
    const token = tokenField.value.trim();
    const target = new URL(request.url, location.href).href;
    if (token && target.startsWith(api)) {
      request.headers.Authorization = `Bearer ${token}`;
    }
    return request;
  },
});
